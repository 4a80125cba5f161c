use super::*;

fn encode(kind: &str, cell: &Cell) -> Result<Vec<u8>, ValueError> {
    let mut out = Vec::new();
    kind.parse::<ColumnType>()?
        .put_value(&mut out, cell, TdsVersion::V7_4)?;
    Ok(out)
}

#[test]
fn type_names_survive_the_way_through_text() {
    for name in [
        "nvarchar(128)",
        "nvarchar(max)",
        "varbinary(85)",
        "int",
        "bit",
        "datetimeoffset",
    ] {
        assert_eq!(
            name.parse::<ColumnType>().map(String::from),
            Ok(name.to_owned())
        );
    }
    assert_eq!("SYSNAME".parse(), Ok(ColumnType::Nvarchar(Some(128))));
    for wrong in [
        "nvarchar",
        "nvarchar(0)",
        "nvarchar(4001)",
        "money",
        "varbinary(x)",
    ] {
        assert!(wrong.parse::<ColumnType>().is_err(), "{wrong}");
    }
}

#[test]
fn numbers_have_their_length_before_them() {
    assert_eq!(encode("int", &Cell::Integer(258)), Ok(vec![4, 2, 1, 0, 0]));
    assert_eq!(
        encode("smallint", &Cell::Integer(-1)),
        Ok(vec![2, 255, 255])
    );
    assert_eq!(encode("bit", &Cell::Bool(true)), Ok(vec![1, 1]));
    assert_eq!(
        encode("bigint", &"7".into()),
        Ok(vec![8, 7, 0, 0, 0, 0, 0, 0, 0])
    );
    assert!(encode("smallint", &Cell::Integer(40_000)).is_err());
    assert!(encode("int", &"seven".into()).is_err());
}

#[test]
fn null_depends_on_the_kind_of_length() {
    assert_eq!(encode("int", &Cell::Null), Ok(vec![0]));
    assert_eq!(encode("nvarchar(5)", &Cell::Null), Ok(vec![255, 255]));
    assert_eq!(encode("varbinary(max)", &Cell::Null), Ok(vec![255; 8]));
}

#[test]
fn long_text_is_one_chunk_and_short_text_is_checked() {
    assert_eq!(
        encode("nvarchar(max)", &"a".into()),
        Ok(vec![
            2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, b'a', 0, 0, 0, 0, 0
        ])
    );
    assert_eq!(
        encode("nvarchar(2)", &"ab".into()),
        Ok(vec![4, 0, b'a', 0, b'b', 0])
    );
    assert!(encode("nvarchar(2)", &"abc".into()).is_err());
}

#[test]
fn times_are_those_of_the_specification() {
    // 0001-01-01 is day 0 of datetime2; 1900-01-01 is day 0 of datetime.
    assert_eq!(
        encode("datetime2", &"0001-01-01 00:00:00.0000001".into()),
        Ok(vec![8, 1, 0, 0, 0, 0, 0, 0, 0])
    );
    assert_eq!(
        encode("datetime", &"1900-01-02T00:00:01".into()),
        Ok(vec![8, 1, 0, 0, 0, 0x2C, 1, 0, 0])
    );
    // 2000-01-01 is day 730119; the time on the wire is UTC.
    assert_eq!(
        encode("datetimeoffset", &"2000-01-01T01:00:00+01:00".into()),
        Ok(vec![10, 0, 0, 0, 0, 0, 0x07, 0x24, 0x0B, 60, 0])
    );
    assert!(encode("datetime2", &"yesterday".into()).is_err());
}

#[test]
fn older_clients_get_newer_times_as_text() {
    let mut out = Vec::new();
    ColumnType::Datetime2.put_type_info(&mut out, TdsVersion::V7_2);
    assert_eq!(out[0], 0xE7);
    out.clear();
    ColumnType::Datetime2
        .put_value(&mut out, &"2026-01-01".into(), TdsVersion::V7_2)
        .expect("text");
    assert_eq!(out[..2], [20, 0]);
}

#[test]
fn guids_and_bytes() {
    assert_eq!(
        encode(
            "uniqueidentifier",
            &"00112233-4455-6677-8899-aabbccddeeff".into()
        ),
        Ok(vec![
            16, 0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD,
            0xEE, 0xFF
        ])
    );
    assert_eq!(
        encode("varbinary(3)", &"0x0105".into()),
        Ok(vec![2, 0, 1, 5])
    );
    assert!(encode("varbinary(3)", &"0105".into()).is_err());
}
