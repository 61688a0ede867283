import './sub/dep.mjs';
