import { enlargeThreadPool } from "../adapters/thread-pool.ts";

// Imported before everything else: another module may use the pool while it is imported, and the
// pool keeps the size that it has then.
enlargeThreadPool();
