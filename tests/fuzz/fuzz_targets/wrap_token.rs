#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sspi_doctor_fuzz::kerberos::wrap_token(data));
