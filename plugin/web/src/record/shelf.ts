/** Recordings are kept in the browser until the service has made takes of them: nothing that was spoken is lost when
    the service, the network or this page dies. */

export interface Kept {
  /** 24 hexadecimal digits, drawn here; the service knows the recording by it. */
  id: string;
  project: string;
  projectName: string;
  line: string;
  /** The programme's sample of its first sample. */
  position: number;
  sampleRate: number;
  created: number;
  /** How many samples were kept so far. */
  length: number;
  /** What the service had against it; "" while it only was not reached. */
  refused: string;
}

interface Piece {
  id: string;
  number: number;
  samples: Float32Array;
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("rythmo-recordings", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("recordings", { keyPath: "id" });
      asked.result.createObjectStore("pieces", { keyPath: ["id", "number"] });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error ?? new Error("The browser keeps no recordings."));
  });
  return opened;
}

/** Runs one transaction over both stores; what it gave is safe when the promise is kept. */
async function run<T>(
  mode: IDBTransactionMode,
  work: (recordings: IDBObjectStore, pieces: IDBObjectStore) => IDBRequest<T> | void,
): Promise<T> {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(["recordings", "pieces"], mode, { durability: "strict" });
    const asked = work(transaction.objectStore("recordings"), transaction.objectStore("pieces"));
    transaction.oncomplete = () => done((asked ? asked.result : undefined) as T);
    transaction.onabort = () => failed(transaction.error ?? new Error("The browser has no room for the recording."));
  });
}

export async function keepRecording(recording: Kept): Promise<void> {
  await run("readwrite", (recordings) => void recordings.put(recording));
}

/** Keeps a further piece of a recording, and what is known of it now. */
export async function keepPiece(recording: Kept, number: number, samples: Float32Array): Promise<void> {
  await run("readwrite", (recordings, pieces) => {
    const piece: Piece = { id: recording.id, number, samples };
    pieces.put(piece);
    recordings.put(recording);
  });
}

export async function listKept(): Promise<Kept[]> {
  const found = await run<Kept[]>("readonly", (recordings) => recordings.getAll() as IDBRequest<Kept[]>);
  return found.sort((a, b) => a.created - b.created);
}

const piecesOf = (id: string) => IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);

export async function readPieces(id: string): Promise<Float32Array[]> {
  const found = await run<Piece[]>("readonly", (_, pieces) => pieces.getAll(piecesOf(id)) as IDBRequest<Piece[]>);
  return found.sort((a, b) => a.number - b.number).map((piece) => piece.samples);
}

export async function dropRecording(id: string): Promise<void> {
  await run("readwrite", (recordings, pieces) => {
    recordings.delete(id);
    pieces.delete(piecesOf(id));
  });
}
