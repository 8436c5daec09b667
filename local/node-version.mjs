/**
 * Ends the process with advice when this Node cannot run the project: TypeScript is run as it is
 * (type stripping), which needs 22.18 or later.
 */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  console.error(
    `Node ${process.versions.node} is too old: the bridge needs Node 22.18 or later.\n` +
      'Run it through npm (npm start, npm test): the project installs Node 24 for its scripts.\n' +
      'If npm itself says this, the install script of the package "node" did not run:\n' +
      '  npm rebuild node        (or install Node 24 yourself)',
  );
  process.exit(1);
}
