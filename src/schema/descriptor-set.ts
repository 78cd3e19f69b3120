/** An extension field of a message that another file may define. */
export interface DescribedExtension {
  /** The full name of the message that is extended, without a leading dot. */
  readonly extendee: string;
  readonly number: number;
}

/** One .proto file as clients of reflection get it. */
export interface DescribedFile {
  readonly name: string;
  /** The names of the files it imports. */
  readonly dependencies: readonly string[];
  /** The full names of everything it defines. */
  readonly symbols: readonly string[];
  readonly extensions: readonly DescribedExtension[];
  /** An encoded google.protobuf.FileDescriptorProto. */
  readonly bytes: Uint8Array;
}

/** Files with all that they import, found by what they define. Full names are without a leading dot. */
export class DescriptorSet {
  readonly #byName = new Map<string, DescribedFile>();
  readonly #bySymbol = new Map<string, DescribedFile>();
  readonly #extensions = new Map<string, Map<number, DescribedFile>>();

  /** @throws Error when a file imports one that is not there: a client could not use it. */
  constructor(files: readonly DescribedFile[]) {
    for (const file of files) {
      this.#byName.set(file.name, file);
      for (const symbol of file.symbols) this.#bySymbol.set(symbol, file);
      for (const { extendee, number } of file.extensions) this.#extensionsOf(extendee).set(number, file);
    }
    for (const { name, dependencies } of files) {
      const missing = dependencies.find((dependency) => !this.#byName.has(dependency));
      if (missing !== undefined) throw new Error(`${name} imports ${missing}, which is not among the descriptors`);
    }
  }

  get files(): readonly DescribedFile[] {
    return [...this.#byName.values()];
  }

  file(name: string): DescribedFile | undefined {
    return this.#byName.get(name);
  }

  fileOfSymbol(symbol: string): DescribedFile | undefined {
    return this.#bySymbol.get(symbol);
  }

  fileOfExtension(extendee: string, number: number): DescribedFile | undefined {
    return this.#extensions.get(extendee)?.get(number);
  }

  /** Ascending; none for a message that nobody extends. */
  extensionNumbers(extendee: string): readonly number[] {
    return [...(this.#extensions.get(extendee)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** The file first, then all it imports, directly or through others, each once. */
  closure(file: DescribedFile): readonly DescribedFile[] {
    const found = new Set([file]);
    // A set is walked in the order of its growth, what is added on the way included.
    for (const { dependencies } of found) {
      for (const name of dependencies) {
        const dependency = this.#byName.get(name);
        if (dependency !== undefined) found.add(dependency);
      }
    }
    return [...found];
  }

  #extensionsOf(extendee: string): Map<number, DescribedFile> {
    const known = this.#extensions.get(extendee);
    if (known !== undefined) return known;
    const fresh = new Map<number, DescribedFile>();
    this.#extensions.set(extendee, fresh);
    return fresh;
  }
}
