import { judgeGuess, readGuess } from './judge-guess.ts';

/** The behaviour of `<predict-number>`: marks a guess and opens the answer. */
class PredictNumber extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector('form');
    const input = this.querySelector('input');
    const verdict = this.querySelector<HTMLElement>('.verdict');
    const details = this.querySelector('details');
    if (!form || !input || !verdict || !details) return;

    form.hidden = false;
    form.addEventListener('submit', (submission) => {
      submission.preventDefault();
      const guess = readGuess(input.value);
      if (guess === undefined) {
        verdict.textContent = `“${input.value}” is not a count. Write digits only, e.g. 120.`;
        input.focus();
        return;
      }
      const { value, text = '', unit = '' } = this.dataset;
      const judgement = judgeGuess(guess, Number(value));
      const said = `You said ${input.value.trim()}; the run says ${text} ${unit}.`;
      verdict.textContent = `${said} ${judgement.text}`;
      verdict.style.color = judgement.isClose ? 'var(--good)' : 'var(--bad)';
      details.open = true;
    });
  }
}

/** Registers the element once, however many predictions a page has. */
export function definePredictNumber(): void {
  if (!customElements.get('predict-number')) customElements.define('predict-number', PredictNumber);
}
