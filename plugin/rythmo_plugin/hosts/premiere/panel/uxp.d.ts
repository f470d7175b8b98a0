// The few parts of UXP that the panel uses, as Adobe's reference describes them.

interface UxpFileSystem {
  readFile(path: string, options: { encoding: "utf-8" }): Promise<string>;
  writeFile(path: string, data: string, options: { encoding: "utf-8" }): Promise<number>;
  rename(from: string, to: string): Promise<number>;
  unlink(path: string): Promise<number>;
}

interface UxpOperatingSystem {
  homedir(): string;
  platform(): string;
}

interface Uxp {
  shell: {
    openExternal(url: string, reason?: string): Promise<string>;
    openPath(path: string, reason?: string): Promise<string>;
  };
  storage: {
    localFileSystem: {
      getFileForOpening(options: { types: string[] }): Promise<{ read(): Promise<string> } | null>;
    };
  };
}

declare module "uxp" {
  const uxp: Uxp;
  export = uxp;
}
declare module "fs" {
  const fs: UxpFileSystem;
  export = fs;
}
declare module "os" {
  const os: UxpOperatingSystem;
  export = os;
}
declare module "premierepro" {
  const ppro: import("@adobe/premierepro").premierepro;
  export = ppro;
}
