#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sspi_doctor_fuzz::sql_server::sql_results(data));
