import { labelLimit } from '@muster/api/codes';
import { Problem } from '@muster/api/errors';
import type { LabelDefinition, LabelTemplate, printLabels } from '@muster/api/labels';
import type { BodyOf } from '@muster/api/route';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { holdsEverywhere } from '../../platform/http/routes.ts';
import { reachableAssets } from '../assets/index.ts';
import { readSettings } from '../operations/index.ts';
import { codeUrl } from './code-value.ts';
import { ensureOwnCodes } from './codes.ts';
import { CannotDraw, type Drawn, type LabelValues, layOut, type Measure } from './layout.ts';
import { createMeasure, pdfOf } from './pdf.ts';
import { readBatch } from './stickers.ts';
import { ownCodesOf } from './store-codes.ts';
import { labelledAssets, type LabelledAsset } from './store-labels.ts';
import { svgOf } from './svg.ts';
import { definitionErrors, readTemplate } from './templates.ts';
import { zplOf } from './zpl.ts';

type Printing = BodyOf<typeof printLabels>;

export interface Printed {
  mediaType: string;
  name: string;
  body: Buffer | string;
}

/** Shown while a template is designed and no asset is chosen. */
const invented: LabelValues = {
  tag: 'NB-000042',
  name: 'LAPTOP-0042',
  serial: 'PF3XK9Q2',
  manufacturer: 'Lenovo',
  model: 'ThinkPad T14 Gen 5',
  class: 'Laptop',
  person: 'Zoë Müller',
  place: 'Berlin / 2nd floor',
  orgUnit: 'Research',
  code: 'ABCDEFGH2345',
};

function valuesOf(asset: LabelledAsset, code: string, baseUrl: string, organisation: string): LabelValues {
  const text = (value: string | null): string => value ?? '';
  return {
    tag: text(asset.tag),
    name: text(asset.name),
    serial: text(asset.serial),
    manufacturer: text(asset.manufacturer),
    model: text(asset.model),
    class: asset.class,
    person: text(asset.person),
    place: text(asset.place),
    orgUnit: text(asset.org_unit),
    organisation,
    code,
    url: code === '' ? '' : codeUrl(baseUrl, code),
  };
}

/** One label as SVG. Problems validation_failed, not_found. */
export async function previewOf(
  platform: Platform,
  actor: Actor,
  definition: LabelDefinition,
  assetId: string | undefined,
): Promise<string> {
  const errors = definitionErrors(definition);
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  const { organisation } = await readSettings(platform.db);
  const { baseUrl } = platform.config;
  let values: LabelValues = { ...invented, organisation, url: codeUrl(baseUrl, invented.code ?? '') };
  if (assetId !== undefined) {
    const [asset] = await mustReach(platform.db, actor, [assetId], 'assets:read');
    const code = (await ownCodesOf(platform.db, [assetId])).get(assetId) ?? invented.code ?? '';
    values = valuesOf(asset as LabelledAsset, code, baseUrl, organisation);
  }
  return svgOf(definition, draw(definition, values, createMeasure(), 'definition.elements'));
}

/** The assets in the order asked for. Problem not_found says how many the actor may not print. */
async function mustReach(
  db: Db,
  actor: Actor,
  ids: readonly string[],
  permission: 'assets:read' | 'assets:write',
): Promise<LabelledAsset[]> {
  const mine = await reachableAssets(db, ids, actor, permission);
  const there = new Map((await labelledAssets(db, ids)).filter((one) => mine.has(one.id)).map((one) => [one.id, one]));
  const missing = ids.filter((id) => !there.has(id));
  if (missing.length > 0)
    throw new Problem(
      'not_found',
      missing.length === 1
        ? `There is no asset ${missing[0]}.`
        : `${missing.length} of the assets are not there, the first is ${missing[0]}.`,
    );
  return ids.map((id) => there.get(id) as LabelledAsset);
}

function draw(definition: LabelDefinition, values: LabelValues, measure: Measure, field: string): Drawn[] {
  try {
    return layOut(definition, values, measure);
  } catch (error) {
    if (!(error instanceof CannotDraw)) throw error;
    const whose = values.tag || values.name || values.code;
    throw new Problem('validation_failed', `The label of ${whose} cannot be printed: ${error.message}`, {
      errors: [{ field, code: 'cannot_draw', message: error.message }],
    });
  }
}

/**
 * Labels of assets or of a batch of stickers as a file. All are laid out before anything is answered, so that a code that does not fit
 * refuses the whole print instead of leaving a hole in it.
 * @throws Problem validation_failed, not_found, too_large
 */
export async function print(platform: Platform, actor: Actor, body: Printing): Promise<Printed> {
  if ((body.assetIds === undefined) === (body.batchId === undefined))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'assetIds', code: 'required', message: 'Give either assetIds or batchId.' }],
    });
  const template = await readTemplate(platform.db, body.templateId);
  checkStart(template.definition, body);
  const values = await inTx(platform.db, async (tx) => whatToPrint(tx, platform, actor, template, body));
  const measure = createMeasure();
  const labels: Drawn[][] = [];
  for (const [index, one] of values.entries()) {
    const label = draw(template.definition, one, measure, 'assetIds');
    for (let copy = 0; copy < body.copies; copy++) labels.push(label);
    // A QR code is some ten milliseconds of work: others are answered in between.
    if (index % 2 === 1) await new Promise((done) => void setImmediate(done));
  }
  const name = `labels-${platform.now().toISOString().slice(0, 10)}`;
  if (body.format === 'zpl')
    return { mediaType: 'application/vnd.zebra.zpl', name: `${name}.zpl`, body: zplOf(template.definition, labels, body.dpi) };
  return { mediaType: 'application/pdf', name: `${name}.pdf`, body: await pdfOf(template.definition, labels, body.startAt) };
}

function checkStart({ media }: LabelDefinition, body: Printing): void {
  const places = media.kind === 'sheet' ? media.rows * media.columns : 1;
  if (body.startAt > places)
    throw new Problem('validation_failed', undefined, {
      errors: [
        {
          field: 'startAt',
          code: 'too_big',
          message: places === 1 ? 'A roll has no places: start at 1.' : `A sheet has ${places} places.`,
        },
      ],
    });
}

async function whatToPrint(tx: Tx, platform: Platform, actor: Actor, template: LabelTemplate, body: Printing): Promise<LabelValues[]> {
  const { organisation } = await readSettings(tx);
  const { baseUrl } = platform.config;
  const values = body.batchId === undefined ? await ofAssets() : await ofBatch(body.batchId);
  const labels = values.length * body.copies;
  if (labels > labelLimit) throw new Problem('too_large', `These are ${labels} labels; at most ${labelLimit} are printed at once.`);
  await audit(tx, actor, {
    action: 'labels.printed',
    resource: 'label-templates',
    resourceId: template.id,
    summary: `Printed ${labels} ${labels === 1 ? 'label' : 'labels'} “${template.name}” as ${body.format.toUpperCase()}`,
    after: { assets: body.assetIds?.length ?? null, batchId: body.batchId ?? null, copies: body.copies, startAt: body.startAt },
  });
  return values;

  async function ofAssets(): Promise<LabelValues[]> {
    const ids = body.assetIds ?? [];
    const assets = await mustReach(tx, actor, ids, 'assets:write');
    const codes = await ensureOwnCodes(tx, actor, ids, platform.now());
    return assets.map((asset) => valuesOf(asset, codes.get(asset.id) ?? '', baseUrl, organisation));
  }
  async function ofBatch(id: string): Promise<LabelValues[]> {
    if (!holdsEverywhere(actor, 'assets:write'))
      throw new Problem('forbidden', 'Batches of stickers belong to the whole organisation: this needs assets:write for all of it.');
    const { stickers } = await readBatch(tx, actor, id);
    return stickers.map((one) => ({ organisation, code: one.value, url: codeUrl(baseUrl, one.value) }));
  }
}
