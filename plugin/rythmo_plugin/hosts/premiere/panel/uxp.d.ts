// The few parts of UXP that the panel uses, as Adobe's reference describes them.

export interface FileSystem {
  readFile(path: string, options: { encoding: "utf-8" }): Promise<string>;
  writeFile(path: string, data: string, options: { encoding: "utf-8" }): Promise<number>;
  rename(from: string, to: string): Promise<number>;
  unlink(path: string): Promise<number>;
  mkdir(path: string, options?: { recursive: boolean }): Promise<number>;
}

export interface Shell {
  openExternal(url: string, reason?: string): Promise<string>;
}

export interface OperatingSystem {
  homedir(): string;
  platform(): string;
}
