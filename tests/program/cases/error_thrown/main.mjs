console.log('before');
function inner() {
  const nothing = null;
	nothing.x;  // behind a tab
}
inner();
console.log('not reached');
