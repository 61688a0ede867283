console.log(scriptArgs);
