/** What the transport can be told to do. */
export type TransportCommand =
  | 'toggle-play'
  | 'step'
  | 'step-back'
  | 'next-firing'
  | 'previous-firing'
  | 'next-failure'
  | 'start'
  | 'end';

interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The command of a key, or undefined when the key is not the transport's to take. */
export function commandFor(press: KeyPress): TransportCommand | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return;
  switch (press.key) {
    case ' ':
      return 'toggle-play';
    case 'ArrowRight':
      return press.shiftKey ? 'next-firing' : 'step';
    case 'ArrowLeft':
      return press.shiftKey ? 'previous-firing' : 'step-back';
    case 'Home':
      return 'start';
    case 'End':
      return 'end';
    case 'f':
    case 'F':
      return 'next-failure';
    default:
      return;
  }
}
