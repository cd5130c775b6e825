/** Hands `text` to the reader as a file: the way out when it can't be saved on the device. */
export function offerAsFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download starts in a later task; the address must live until then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
