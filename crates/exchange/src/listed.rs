//! Names as a message lists them.

/// So many names are listed.
const MOST: usize = 20;

/// What the names are of, as one or as several, and the first of them.
pub(crate) fn listed(one: &str, several: &str, names: &[&str]) -> String {
    let more = if names.len() > MOST { " …" } else { "" };
    let word = if names.len() == 1 { one } else { several };
    format!("{word} {}{more}", names[..names.len().min(MOST)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_of_many_names_are_listed() {
        let names: Vec<String> = (0..=MOST).map(|at| format!("l{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let twenty = names[..MOST].join(", ");
        assert_eq!(listed("layer", "layers", &names[..1]), "layer l0");
        assert_eq!(listed("layer", "layers", &names[..MOST]), format!("layers {twenty}"));
        assert_eq!(listed("layer", "layers", &names), format!("layers {twenty} …"));
    }
}
