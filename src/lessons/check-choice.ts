/** The behaviour of `<check-choice>`: says whether the choice is right, opens the explanation. */
class CheckChoice extends HTMLElement {
  connectedCallback(): void {
    const verdict = this.querySelector<HTMLElement>('.verdict');
    const details = this.querySelector('details');
    if (!verdict || !details) return;

    this.addEventListener('change', (change) => {
      if (!(change.target instanceof HTMLInputElement)) return;
      const isRight = change.target.value === this.dataset.answer;
      verdict.textContent = isRight ? '✓ Right.' : '✗ Not that one.';
      verdict.style.color = isRight ? 'var(--good)' : 'var(--bad)';
      details.open = true;
    });
  }
}

/** Registers the element once, however many checks a page has. */
export function defineCheckChoice(): void {
  if (!customElements.get('check-choice')) customElements.define('check-choice', CheckChoice);
}
