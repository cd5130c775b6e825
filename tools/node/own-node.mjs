// Whether the machine's own Node can run the tools, or needs the private one beside this file.

/**
 * Every tool here runs on Node 22, 24, 26 and later, and 22.18 is the first to run .ts files as
 * they are. The odd releases in between have short lives, and some tools refuse them.
 */
export function isNodeUsable(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major === 22) return minor >= 18;
  return major === 24 || major >= 26;
}
