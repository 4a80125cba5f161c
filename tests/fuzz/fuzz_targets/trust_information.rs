#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sspi_doctor_fuzz::directory::trust_information(data));
