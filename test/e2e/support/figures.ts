import { appendFileSync } from 'node:fs';

/** Tells what was measured, as one JSON line: to the file that E2E_FIGURES names, else to the terminal. Nothing is asserted of it. */
export function tellFigures(figures: Readonly<Record<string, unknown>>): void {
  const line = `${JSON.stringify(figures)}\n`;
  const file = process.env['E2E_FIGURES'];
  if (file === undefined) process.stdout.write(line);
  else appendFileSync(file, line);
}
