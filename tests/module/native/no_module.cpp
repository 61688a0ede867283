// A library that is no native module.
extern "C" int quip_test_no_module() { return 1; }
