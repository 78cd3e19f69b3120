import { pad, printable, textWidth } from './text-width.ts';

/** A fact and its name; without a value it is left out. Several values stand below each other. */
export type Field = readonly [name: string, value: string | readonly string[] | undefined];

/** Facts below each other, their values aligned. */
export function fieldLines(fields: readonly Field[]): readonly string[] {
  const given = fields.flatMap(([name, value]) => {
    const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
    return values.length === 0 ? [] : [{ name: `${name}:`, values }];
  });
  const width = given.reduce((most, { name }) => Math.max(most, textWidth(name)), 0) + 1;
  return given.flatMap(({ name, values }) =>
    values.map((value, index) => pad(index === 0 ? name : '', width) + printable(value)),
  );
}
