console.log('never');

let ünï = 'ö' + = 2;
