/** Whether a text is matched by one of the patterns, in which `*` stands for any characters. */
export function wildcardMatcher(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`));
  return (text) => expressions.some((expression) => expression.test(text));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
