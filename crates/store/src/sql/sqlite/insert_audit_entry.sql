insert into audit (number, kind, recorded_at, sequence, body, hash) values (?, ?, ?, ?, ?, ?)
