globalThis.process ??= { env: {} }; // for packages that ask which build they are
