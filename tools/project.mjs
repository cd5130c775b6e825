// What every tool here needs to know: where the project is, and how to run a command in it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's directory, absolute. */
export const projectRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const isWindows = process.platform === 'win32';

/**
 * The environment for child processes. node_modules/.bin comes first on PATH, so that a child
 * finds the tools of this project and, on a machine with an old Node, the private newer one.
 */
export function childEnvironment(extra = {}) {
  const environment = { ASTRO_TELEMETRY_DISABLED: '1', ...process.env, ...extra };
  const pathName = Object.keys(environment).find((name) => /^path$/i.test(name)) ?? 'PATH';
  const bin = path.join(projectRoot, 'node_modules', '.bin');
  environment[pathName] = [bin, environment[pathName]].filter(Boolean).join(path.delimiter);
  return environment;
}

/**
 * Runs a command in the project and resolves to `{ code, output }`. Output is shown as it comes,
 * unless `isQuiet`: then it is only collected, for the caller to show when something went wrong.
 */
export function runCommand(command, args, { environment = {}, isQuiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      env: childEnvironment(environment),
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: isWindows,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
