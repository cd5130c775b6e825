/** What the reader may choose; `system` follows the device and is never stored. */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/** The key under which a choice is kept on the device. */
export const THEME_KEY = 'millrace.theme';

/**
 * Runs in the head before anything is painted, so that a chosen theme never flashes the other one.
 * Storage may be forbidden; then the system's theme stands.
 */
export const THEME_BOOT_SCRIPT = `try {
  const choice = localStorage.getItem('${THEME_KEY}');
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
} catch {}`;

/** The choice after this one: the button goes round. */
export function nextThemeChoice(choice: ThemeChoice): ThemeChoice {
  const index = THEME_CHOICES.indexOf(choice);
  return THEME_CHOICES[(index + 1) % THEME_CHOICES.length] ?? 'system';
}

/** Reads a stored text as a choice; anything unknown means `system`. */
export function toThemeChoice(text: string | null | undefined): ThemeChoice {
  return THEME_CHOICES.find((choice) => choice === text) ?? 'system';
}
