#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| helm_clas_fuzz::laws::edit(bytes));
