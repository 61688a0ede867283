Promise.reject(new Error('one'));
Promise.reject(new Error('two'));
