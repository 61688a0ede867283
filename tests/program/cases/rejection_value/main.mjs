const value = 7;
Promise.reject({ value });
