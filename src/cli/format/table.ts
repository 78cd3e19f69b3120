import { cutEnd, cutMiddle, pad, printable, textWidth } from './text-width.ts';

/** How one column is shown. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** What gives way where the terminal is narrow, and how; a column without it keeps its width. */
  readonly cut?: 'end' | 'middle';
}

/** Between two columns. */
const GAP = '  ';
/** What is left of a column that gives way: below it nothing can be told from it. */
const CUT_WIDTH_MIN = 12;

/**
 * Rows under titles, as lines without trailing blanks.
 *
 * @param width  columns of the terminal; Infinity where nothing reads widths, and then nothing is cut.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = fittedWidths(columns, naturalWidths(columns, cells), width);
  return cells.map((row) =>
    columns
      .map(({ align, cut }, index) => cell(row[index] ?? '', widths[index] ?? 0, { align, cut }))
      .join(GAP)
      .trimEnd(),
  );
}

function naturalWidths(columns: readonly Column[], cells: readonly (readonly string[])[]): readonly number[] {
  return columns.map((_column, index) => cells.reduce((most, row) => Math.max(most, textWidth(row[index] ?? '')), 0));
}

/**
 * Takes from the widest column that gives way, one after the other, until all fit: of those cut at their end alone where that leaves names
 * whole.
 */
function fittedWidths(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1));
  const spare = columns.reduce(
    (sum, { cut }, index) => sum + (cut === 'end' ? Math.max(0, (widths[index] ?? 0) - CUT_WIDTH_MIN) : 0),
    0,
  );
  const namesStay = total() - spare <= width;
  while (total() > width) {
    const widest = columns
      .map(({ cut }, index) => ({
        index,
        width: cut === undefined || (namesStay && cut === 'middle') ? 0 : (widths[index] ?? 0),
      }))
      .reduce((most, each) => (each.width > most.width ? each : most));
    if (widest.width <= CUT_WIDTH_MIN) break;
    widths[widest.index] = widest.width - 1;
  }
  return widths;
}

function cell(
  text: string,
  width: number,
  { align, cut }: { readonly align: Column['align']; readonly cut: Column['cut'] },
): string {
  const shown = cut === 'middle' ? cutMiddle(text, width) : cutEnd(text, width);
  return pad(shown, width, align);
}
