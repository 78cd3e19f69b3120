/** What a text means, so that a terminal may colour it. */
export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'strong' | 'none';

/** Gives a text its colour, or leaves it as it is. The width of what is shown stays the same. */
export type Style = (text: string, tone: Tone) => string;

export const plainStyle: Style = (text) => text;

/** SGR parameters that every terminal knows: on and off. */
const CODES: Readonly<Record<Exclude<Tone, 'none'>, readonly [on: number, off: number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warning: [33, 39],
  faint: [2, 22],
  strong: [1, 22],
};

export const colourStyle: Style = (text, tone) => {
  if (tone === 'none' || text === '') return text;
  const [on, off] = CODES[tone];
  return `\u001B[${String(on)}m${text}\u001B[${String(off)}m`;
};
