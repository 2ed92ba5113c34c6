//! The meaning of a CQL2 JSON document, one function a kind of object.

use terrier_model::{Clause, Fold, Operand, Pattern, Value};
use terrier_spatial::Geometry;

use super::super::limit::{Budget, check_list};
use super::super::parser::pattern_words;
use super::super::term::{self, Term};
use super::super::word::{LIST, Operator, Relation, fold_of, is_function_name};
use super::super::writer::levels;
use super::super::{Cql2Error, MAX_FILTER_DEPTH, literal};
use super::geometry;
use super::path::Path;
use super::tree::{Json, Members};

/// The condition that a CQL2 JSON document states. Names of operators may be in any case.
///
/// # Errors
/// The first thing that is none, or is beyond a limit, with its place.
pub fn parse_json(text: &str) -> Result<Clause, Cql2Error> {
    let json = Json::read(text)?;
    // What stands within each other is bounded by the number of nodes here. The depth is that of the
    // text, where a sum of many terms is flat, so that both forms state the same conditions.
    let clause = Parser::default().clause(&json, &Path::TOP)?;
    let levels = levels(&clause);
    if levels > MAX_FILTER_DEPTH {
        let expected = format!("at most {MAX_FILTER_DEPTH} levels");
        return Err(Path::TOP.fault(format!("{levels} levels of conditions"), expected));
    }
    Ok(clause)
}

/// What stands where a value may, in words.
const VALUE: &str = "a value, a list, or an object with `op`, `property`, `date`, `timestamp`, \
                     `interval`, `bbox` or `type`";

#[derive(Default)]
struct Parser {
    budget: Budget,
}

impl Parser {
    fn clause(&mut self, json: &Json, path: &Path<'_>) -> Result<Clause, Cql2Error> {
        let term = self.term(json, path)?;
        term.into_clause().ok_or_else(|| path.unexpected(json, "a condition"))
    }

    fn operand(&mut self, json: &Json, path: &Path<'_>) -> Result<Operand, Cql2Error> {
        self.term(json, path).map(Operand::from)
    }

    fn term(&mut self, json: &Json, path: &Path<'_>) -> Result<Term, Cql2Error> {
        let value = match json {
            Json::Null => {
                let expected = "a value; what is missing is asked for by `isNull`";
                return Err(path.unexpected(json, expected));
            }
            Json::Boolean(holds) => Value::Boolean(*holds),
            Json::Number(number) => number.clone(),
            Json::Text(text) => Value::Text(text.clone()),
            Json::List(list) if list.len() == 1 => {
                let expected =
                    "no list of one value but in a list or on a side of a relation between lists";
                return Err(path.fault("a list of one value", expected));
            }
            Json::List(list) => return self.list(list, path).map(Term::Value),
            Json::Object(members) => return self.object(json, Members(members), path),
        };
        Ok(Term::Value(Operand::Value(value)))
    }

    fn node(&mut self, path: &Path<'_>) -> Result<(), Cql2Error> {
        self.budget.node(0).map_err(|error| path.place(error))
    }

    /// Reads what stands one level deeper.
    fn deeper<T>(
        &mut self,
        path: &Path<'_>,
        read: impl FnOnce(&mut Self) -> Result<T, Cql2Error>,
    ) -> Result<T, Cql2Error> {
        let entered = self.budget.enter(0, || "one more level".into());
        entered.map_err(|error| path.place(error))?;
        let inner = read(self)?;
        self.budget.leave();
        Ok(inner)
    }

    fn list(&mut self, list: &[Json], path: &Path<'_>) -> Result<Operand, Cql2Error> {
        self.node(path)?;
        let values = each(list, path, |json, at| match json {
            // A list within another may have one value.
            Json::List(inner) => self.list(inner, at),
            _ => self.operand(json, at),
        });
        values.map(Operand::List)
    }

    fn operands(&mut self, list: &[Json], path: &Path<'_>) -> Result<Vec<Operand>, Cql2Error> {
        each(list, path, |json, at| self.operand(json, at))
    }

    fn object(
        &mut self,
        json: &Json,
        members: Members<'_>,
        path: &Path<'_>,
    ) -> Result<Term, Cql2Error> {
        if let Some(name) = members.get("op") {
            members.check_names(&["op", "args"], path)?;
            return self.operation(name, members, path);
        }
        Ok(Term::Value(if let Some(name) = members.get("property") {
            members.check_names(&["property"], path)?;
            property(name, &path.member("property"))?
        } else if let Some(day) = members.get("date") {
            members.check_names(&["date"], path)?;
            moment(day, literal::DAY, literal::day, &path.member("date"))?
        } else if let Some(time) = members.get("timestamp") {
            members.check_names(&["timestamp"], path)?;
            moment(time, literal::TIME, literal::time, &path.member("timestamp"))?
        } else if let Some(ends) = members.get("interval") {
            members.check_names(&["interval"], path)?;
            self.node(path)?;
            self.interval(ends, &path.member("interval"))?
        } else if members.get("type").is_some() {
            self.node(path)?;
            Operand::Geometry(geometry::read(members, &mut self.budget, path)?)
        } else if let Some(edges) = members.get("bbox") {
            members.check_names(&["bbox"], path)?;
            self.node(path)?;
            let edges = geometry::read_box(edges, &mut self.budget, &path.member("bbox"))?;
            Operand::Geometry(Geometry::Box(edges))
        } else {
            return Err(path.unexpected(json, VALUE));
        }))
    }

    fn interval(&mut self, ends: &Json, path: &Path<'_>) -> Result<Operand, Cql2Error> {
        match ends {
            Json::List(ends) if ends.len() == 2 => {
                let start = self.interval_end(&ends[0], &path.nth(0))?;
                let end = self.interval_end(&ends[1], &path.nth(1))?;
                Ok(Operand::Interval(Box::new([start, end])))
            }
            Json::List(ends) => Err(path.fault(format!("{} ends", ends.len()), "2")),
            _ => Err(path.unexpected(ends, "a list of 2 ends")),
        }
    }

    fn interval_end(&mut self, json: &Json, path: &Path<'_>) -> Result<Operand, Cql2Error> {
        let end = match json {
            Json::Text(text) => literal::end(text),
            _ => Some(self.operand(json, path)?).filter(literal::is_end),
        };
        end.ok_or_else(|| path.unexpected(json, literal::END))
    }

    /// What an object with `op` states.
    fn operation(
        &mut self,
        name: &Json,
        members: Members<'_>,
        path: &Path<'_>,
    ) -> Result<Term, Cql2Error> {
        let name_path = path.member("op");
        let Json::Text(op) = name else {
            return Err(name_path.unexpected(name, "the name of an operator or function"));
        };
        let list = members.expect("args", path)?;
        let at = path.member("args");
        let Json::List(list) = list else {
            return Err(at.unexpected(list, "a list of what the operator is given"));
        };
        self.node(path)?;
        let arguments = Arguments { list, path: &at };
        match Operator::find(op) {
            Some(operator) => self.operator(operator, arguments),
            None if is_function_name(op) => {
                let (name, arguments) = (op.clone(), self.operands(list, &at)?);
                Ok(Term::Value(Operand::Call { name, arguments }))
            }
            None => Err(name_path.unexpected(name, "the name of an operator or function")),
        }
    }

    fn operator(&mut self, operator: Operator, of: Arguments<'_>) -> Result<Term, Cql2Error> {
        Ok(Term::Truth(match operator {
            Operator::And => term::all(self.clauses(of)?),
            Operator::Or => term::any(self.clauses(of)?),
            Operator::Not => {
                let [part] = of.count()?;
                Clause::Not(Box::new(self.clause(part, &of.path.nth(0))?))
            }
            Operator::Compare(comparison) => {
                let [left, right] = self.sides(of)?;
                Clause::Compare { left, comparison, right }
            }
            Operator::Between => {
                let [value, least, greatest] = self.sides(of)?;
                Clause::Between { value, least, greatest }
            }
            Operator::In => self.is_in(of)?,
            Operator::Like => {
                let [value, pattern] = of.count()?;
                let value = self.operand(value, &of.path.nth(0))?;
                let (pattern, fold) = self.pattern(pattern, &of.path.nth(1))?;
                Clause::Like { value, pattern, fold }
            }
            Operator::IsNull => {
                let [value] = self.sides(of)?;
                Clause::IsNull(value)
            }
            Operator::Relate(relation) => {
                let [left, right] = of.count()?;
                let left = self.side(relation, left, &of.path.nth(0))?;
                let right = self.side(relation, right, &of.path.nth(1))?;
                relation.between(left, right)
            }
            Operator::Compute(operator) => {
                let [left, right] = self.sides(of)?.map(Box::new);
                return Ok(Term::Value(Operand::Arithmetic { left, operator, right }));
            }
            Operator::Fold(fold) => {
                let [text] = of.count()?;
                return Ok(self.term(text, &of.path.nth(0))?.folded(fold));
            }
        }))
    }

    fn clauses(&mut self, of: Arguments<'_>) -> Result<Vec<Clause>, Cql2Error> {
        if of.list.len() < 2 {
            return Err(of.path.fault(of.words(), "2 at least"));
        }
        let parts = of.list.iter().enumerate();
        parts.map(|(place, part)| self.clause(part, &of.path.nth(place))).collect()
    }

    fn sides<const N: usize>(&mut self, of: Arguments<'_>) -> Result<[Operand; N], Cql2Error> {
        let _: [&Json; N] = of.count()?;
        let sides = self.operands(of.list, of.path)?;
        sides.try_into().map_err(|_| of.path.fault(of.words(), N.to_string()))
    }

    fn is_in(&mut self, of: Arguments<'_>) -> Result<Clause, Cql2Error> {
        let [value, list] = of.count()?;
        let value = self.operand(value, &of.path.nth(0))?;
        let at = of.path.nth(1);
        match list {
            Json::List(list) if !list.is_empty() => {
                Ok(Clause::In { value, list: self.operands(list, &at)? })
            }
            Json::List(_) => Err(at.fault("an empty list", "a list of one value at least")),
            _ => Err(at.unexpected(list, "a list of values")),
        }
    }

    /// A pattern, and what it takes no notice of.
    fn pattern(&mut self, json: &Json, path: &Path<'_>) -> Result<(Pattern, Fold), Cql2Error> {
        let fault = || path.unexpected(json, pattern_words());
        let members = match json {
            Json::Text(text) => {
                return Ok((Pattern::new(text).ok_or_else(fault)?, Fold::default()));
            }
            Json::Object(members) => Members(members),
            _ => return Err(fault()),
        };
        let Some(Json::Text(op)) = members.get("op") else { return Err(fault()) };
        let fold = fold_of(op).ok_or_else(fault)?;
        members.check_names(&["op", "args"], path)?;
        let args = members.expect("args", path)?;
        let at = path.member("args");
        let Json::List(list) = args else { return Err(at.unexpected(args, "a list of a pattern")) };
        let [inner] = Arguments { list, path: &at }.count()?;
        let (pattern, inner) = self.deeper(path, |parser| parser.pattern(inner, &at.nth(0)))?;
        Ok((pattern, fold.and(inner)))
    }

    /// A side of a relation.
    fn side(
        &mut self,
        relation: Relation,
        json: &Json,
        path: &Path<'_>,
    ) -> Result<Operand, Cql2Error> {
        let side = match json {
            Json::List(list) if matches!(relation, Relation::Array(_)) => self.list(list, path)?,
            _ => self.operand(json, path)?,
        };
        let is_list = matches!(side, Operand::Field(_) | Operand::Call { .. } | Operand::List(_));
        match relation {
            Relation::Array(_) if !is_list => Err(path.unexpected(json, LIST)),
            _ => Ok(side),
        }
    }
}

/// Reads the values of a list.
fn each(
    list: &[Json],
    path: &Path<'_>,
    mut read: impl FnMut(&Json, &Path<'_>) -> Result<Operand, Cql2Error>,
) -> Result<Vec<Operand>, Cql2Error> {
    let mut values = Vec::new();
    for (place, json) in list.iter().enumerate() {
        let at = path.nth(place);
        check_list(place, 0, || "one more value".into()).map_err(|error| at.place(error))?;
        values.push(read(json, &at)?);
    }
    Ok(values)
}

/// What an operator is given, and where it stands.
#[derive(Clone, Copy)]
struct Arguments<'a> {
    list: &'a [Json],
    path: &'a Path<'a>,
}

impl<'a> Arguments<'a> {
    /// Exactly so many.
    fn count<const N: usize>(&self) -> Result<[&'a Json; N], Cql2Error> {
        if self.list.len() != N {
            return Err(self.path.fault(self.words(), N.to_string()));
        }
        Ok(std::array::from_fn(|place| &self.list[place]))
    }

    fn words(&self) -> String {
        format!("{} arguments", self.list.len())
    }
}

fn property(name: &Json, path: &Path<'_>) -> Result<Operand, Cql2Error> {
    match name {
        // Text could not quote another one.
        Json::Text(text) if !text.is_empty() && !text.contains('"') => {
            Ok(Operand::Field(text.clone()))
        }
        _ => Err(path.unexpected(name, "the name of a property")),
    }
}

fn moment(
    json: &Json,
    expected: &str,
    read: fn(&str) -> Option<Value>,
    path: &Path<'_>,
) -> Result<Operand, Cql2Error> {
    let value = match json {
        Json::Text(text) => read(text),
        _ => None,
    };
    value.map(Operand::Value).ok_or_else(|| path.unexpected(json, expected))
}
