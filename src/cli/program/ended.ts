/** Takes a command's exit status. */
export type Ended = (status: number) => void;
