import { type TestProcess, until } from "../lib/processes.ts";

/** Waits until every address answers with a 2xx; what the programs printed tells why one does not. */
export async function ready(programs: readonly TestProcess[], urls: readonly string[]): Promise<void> {
  try {
    await until("every program to be ready", async () => {
      const answers = await Promise.all(urls.map((url) => fetch(url)));
      return answers.every(({ ok }) => ok);
    });
  } catch (error) {
    throw new Error(`${String(error)}\n${programs.map(({ output }) => output).join("\n")}`, { cause: error });
  }
}
