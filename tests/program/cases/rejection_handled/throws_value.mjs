await null; throw 'value thrown by a module';
