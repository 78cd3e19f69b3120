export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

export interface FlagWords {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that it may have; empty where any may be. */
  readonly choices: readonly string[];
}

/** What can be typed after a command. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagWords[];
  readonly commands: readonly CommandWords[];
  /** The words that its first argument may be. */
  readonly choices: readonly string[];
  /** Whether its arguments are names of files. */
  readonly takesFiles: boolean;
}

/** A script that completes a command in a shell. */
export function completionScript(shell: Shell, root: CommandWords): string {
  switch (shell) {
    case 'bash':
      return bashScript(root);
    case 'zsh':
      // zsh runs the completions of bash; its own form would be a second one to keep.
      return `#compdef ${root.name}\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(root)}`;
    case 'fish':
      return fishScript(root);
  }
}

/** Each command under the words that lead to it, such as `operations list`. */
function commandsBelow(
  command: CommandWords,
  path: readonly string[] = [],
): readonly (readonly [string, CommandWords])[] {
  return [
    [path.join(' '), command] as const,
    ...command.commands.flatMap((each) => commandsBelow(each, [...path, each.name])),
  ];
}

function bashScript(root: CommandWords): string {
  const all = commandsBelow(root);
  const name = `_${root.name}`;
  const cases = all.map(([path, command]) => `    '${path}') words='${wordsAfter(command).join(' ')}' ;;`);
  const files = all.filter(([, { takesFiles }]) => takesFiles).map(([path]) => `'${path}'`);
  return `# bash completion of ${root.name}
${name}() {
  local path='' word words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "\${path:+$path }$word" in
      ${all
        .slice(1)
        .map(([path]) => `'${path}'`)
        .join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases(all)}
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  case "$path" in
    ${files.join('|')}) COMPREPLY+=($(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}")) ;;
  esac
}
complete -o filenames -F ${name} ${root.name}
`;
}

/** What may follow a flag that takes a value: its choices, or files. */
function valueCases(all: readonly (readonly [string, CommandWords])[]): string {
  const flags = new Map(all.flatMap(([, { flags: own }]) => own).map((flag) => [flag.name, flag]));
  return [...flags.values()]
    .filter(({ takesValue }) => takesValue)
    .map(({ name, choices }) => {
      const reply = choices.length > 0 ? `-W '${choices.join(' ')}'` : '-f';
      return `    ${name}) COMPREPLY=($(compgen ${reply} -- "\${COMP_WORDS[COMP_CWORD]}")); return ;;`;
    })
    .join('\n');
}

function wordsAfter({ commands, choices, flags }: CommandWords): readonly string[] {
  return [...commands.map(({ name }) => name), ...choices, ...flags.map(({ name }) => name)];
}

function fishScript(root: CommandWords): string {
  const lines = commandsBelow(root).flatMap(([path, command]) => {
    const condition = fishCondition(path, command);
    const words = [
      ...command.commands.map(({ name, description }) => `-a ${name} -d '${fishText(description)}'`),
      ...command.choices.map((choice) => `-a ${choice}`),
      ...command.flags.map((flag) => fishFlag(flag)),
    ];
    const files = command.takesFiles ? '' : ' -f';
    return words.map((word) => `complete -c ${root.name}${files} -n '${condition}' ${word}`);
  });
  return `# fish completion of ${root.name}\n${lines.join('\n')}\n`;
}

function fishCondition(path: string, { commands }: CommandWords): string {
  const seen =
    path === ''
      ? '__fish_use_subcommand'
      : path
          .split(' ')
          .map((word) => `__fish_seen_subcommand_from ${word}`)
          .join('; and ');
  if (path === '' || commands.length === 0) return seen;
  return `${seen}; and not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`;
}

function fishFlag({ name, description, takesValue, choices }: FlagWords): string {
  const value = takesValue ? (choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : ' -r') : '';
  return `-l ${name.replace(/^--/, '')}${value} -d '${fishText(description)}'`;
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
