// Walks a folder; all that can be read at the same time is.
function adler32(bytes) {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b * 65536 + a).toString(16).padStart(8, "0");
}

async function walk(folder, name) {
  const found = await list(folder + name);
  const parts = await Promise.all(found.map(async (entry) => {
    const path = `${name}/${entry.name}`;
    if (entry.isFolder) return walk(folder, path);
    const bytes = new Uint8Array(await read(folder + path));
    return [{ path, size: bytes.length, sum: adler32(bytes) }];
  }));
  return parts.flat();
}

async function main(folder) {
  const files = await walk(folder, "");
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, size, sum } of files) print(`${String(size).padStart(6)}  ${sum}  ${path}`);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  print(`${String(total).padStart(6)}  in ${files.length} files`);
  try {
    await read("no-such-file");
  } catch (error) {
    print(error.message);
  }
}
