import { SandboxRunner } from '../sandbox/runner.ts';

/**
 * Loads the sandbox with the checks of one exercise: only when something is about to run.
 * @throws Error when the exercise has no checks, or when they can't be fetched.
 */
export async function loadRunner(slug: string): Promise<SandboxRunner> {
  const [worker, engine, { loaders }] = await Promise.all([
    import('virtual:sandbox-worker'),
    import('virtual:engine-bundle'),
    import('virtual:exercise-bundles'),
  ]);
  const loadChecks = loaders[slug];
  if (loadChecks === undefined) {
    throw new Error(`content/exercises/${slug}/checks.ts was missing when the site was built`);
  }
  const checks = await loadChecks();
  return new SandboxRunner({
    workerCode: worker.code,
    engineCode: engine.code,
    checksCode: checks.code,
  });
}
