import { HAZARDS } from './hazards.ts';
import { MESSAGES, OPTIONS, type HeldOption } from './options.ts';

const HEAD = `# Options of transfers

Which test holds which option of \`google.storagetransfer.v1\`, and which what can go wrong. This page is made from tables by
\`node test/transfer-options/write-page.ts\`; a test compares it with them, them with the proto's descriptors and text, and looks
for each test in its file. A name in quotes is a row of a test's own table.
`;

/** The text of docs/transfer-options.md. */
export function optionsPage(): string {
  const messages = MESSAGES.map((message) => {
    const rows = OPTIONS.filter(({ name }) => name.startsWith(`${message}.`)).map(optionRow);
    return `## ${message}\n\n| Option | The proto says | Held by |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  const hazards = HAZARDS.map((hazard) => `| ${hazard.name} | ${heldBy(hazard)} |`);
  const last = `## What can go wrong\n\n| What | Held by |\n|---|---|\n${hazards.join('\n')}\n`;
  return [HEAD, ...messages, last].join('\n');
}

function optionRow(option: HeldOption): string {
  const name = option.name.slice(option.name.indexOf('.') + 1);
  return `| \`${name}\` | ${inCell(option.sentence)} | ${heldBy(option)} |`;
}

function heldBy({ file, test }: Omit<HeldOption, 'sentence'>): string {
  return `${file}: ${inCell(test)}`;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('[', '\\[');
}
