const TICK_MS = 250;
const MS_PER_SECOND = 1000;

/** The behaviour of `<speaking-clock>`: counts down while the reader speaks. */
class SpeakingClock extends HTMLElement {
  #timer: number | undefined;

  connectedCallback(): void {
    const clock = this.querySelector<HTMLElement>('.clock');
    const button = this.querySelector('button');
    if (!clock || !button) return;
    clock.hidden = false;
    button.addEventListener('click', () =>
      this.#timer === undefined ? this.#start() : this.#stop(),
    );
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  #start(): void {
    const endsAtMs = Date.now() + Number(this.dataset.seconds) * MS_PER_SECOND;
    const details = this.querySelector('details');
    if (details) details.open = false;
    this.#say('');
    this.#label('Stop');
    this.#timer = window.setInterval(() => {
      const leftMs = Math.max(0, endsAtMs - Date.now());
      this.#show(Math.ceil(leftMs / MS_PER_SECOND));
      if (leftMs === 0) this.#stop();
    }, TICK_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#label('Start again');
    this.#say('Stop. Did you give the rule, a number and a price? Compare.');
  }

  #show(seconds: number): void {
    const output = this.querySelector('output');
    const progress = this.querySelector('progress');
    if (output) output.textContent = `${seconds} s`;
    if (progress) progress.value = seconds;
  }

  #label(text: string): void {
    const button = this.querySelector('button');
    if (button) button.textContent = text;
  }

  #say(text: string): void {
    const verdict = this.querySelector('.verdict');
    if (verdict) verdict.textContent = text;
  }
}

/** Registers the element once. */
export function defineSpeakingClock(): void {
  if (!customElements.get('speaking-clock')) customElements.define('speaking-clock', SpeakingClock);
}
