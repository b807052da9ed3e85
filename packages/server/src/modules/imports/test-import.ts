import {
  applyImport,
  getImport,
  type Import,
  type ImportMappingInput,
  importListRoutes,
  type ImportRow,
  listImportRows,
  planImport,
  undoImport,
} from '@muster/api/imports';
import type { TestActor, TestApp } from '../../testing/index.ts';

/** Uploads a file as the browser does; answers the raw response. */
export const upload = (who: TestActor, name: string, content: string | Buffer) =>
  who.inject({
    method: 'POST',
    url: importListRoutes.list.path,
    query: { name },
    headers: { 'content-type': 'application/octet-stream' },
    payload: typeof content === 'string' ? Buffer.from(content) : content,
  });

/** An import from its upload to its undo, each step waited for. */
export class ImportRunner {
  readonly #t: TestApp;
  readonly #who: TestActor;
  constructor(t: TestApp, who: TestActor) {
    this.#t = t;
    this.#who = who;
  }

  async take(name: string, content: string | Buffer): Promise<Import> {
    const answer = await upload(this.#who, name, content);
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return answer.json<Import>();
  }

  async plan(id: string, mapping: ImportMappingInput): Promise<Import> {
    await this.#who.call(planImport, { params: { id }, body: mapping });
    return this.#after(id);
  }

  async apply(id: string, mode: 'good' | 'all' = 'good'): Promise<Import> {
    await this.#who.call(applyImport, { params: { id }, body: { mode } });
    return this.#after(id);
  }

  async undo(id: string): Promise<Import> {
    await this.#who.call(undoImport, { params: { id } });
    return this.#after(id);
  }

  async rows(
    id: string,
    query: { action?: ImportRow['action']; outcome?: 'applied' | 'failed' | 'undone' | 'kept' } = {},
  ): Promise<ImportRow[]> {
    return (await this.#who.call(listImportRows, { params: { id }, query: { limit: 500, ...query } })).data.items;
  }

  /** The mapping that is suggested for a file of this kind. */
  static mappingOf(file: Import, key: string): ImportMappingInput {
    const found = file.suggestions.find((s) => s.key === key);
    if (!found) throw new Error(`No mapping ${key} among ${file.suggestions.map((s) => s.key).join(', ')}`);
    return found.mapping;
  }

  async #after(id: string): Promise<Import> {
    await this.#t.jobsDone(120_000);
    return (await this.#who.call(getImport, { params: { id } })).data;
  }
}
