import type { Confidence, RecognitionKind } from '@muster/api/software';

/** The part of a reported title that all machines with it share. */
export interface Evidence {
  readonly name: string;
  readonly version: string | null;
  readonly publisher: string | null;
  readonly channel: string;
  readonly arch: string | null;
  /** Product code, registry key, package family name or bundle id. */
  readonly code: string | null;
}

/** A row of content/software/publishers*.json. */
export interface ContentPublisher {
  readonly key: string;
  readonly name: string;
  readonly aliases?: readonly string[];
}

/** How a title says which product it is; a bare string is a title template. */
export interface TitleRule {
  readonly title: string;
  /** The edition this title always means. */
  readonly edition?: string;
  readonly release?: string;
  /** `any`: whoever the publisher is (forks, repackagers). */
  readonly publisher?: 'any';
  readonly channels?: readonly string[];
}
export interface CodeRule {
  readonly code: string;
  readonly edition?: string;
  readonly release?: string;
}

/** A row of content/software/products-*.json. */
export interface ContentProduct {
  readonly key: string;
  readonly name: string;
  readonly publisher: string;
  readonly category: string;
  readonly kind?: 'product' | 'os' | 'runtime' | 'driver' | 'component' | 'plugin';
  readonly licensable?: boolean;
  readonly platforms: readonly string[];
  /** `Name` or `Name=alias|alias`; `{edition}` in a template matches any of them. */
  readonly editions?: readonly string[];
  /** Keys of products it brings along. */
  readonly includes?: readonly string[];
  readonly release?: ReleaseRule;
  readonly titles?: readonly (string | TitleRule)[];
  /** Names of deb, rpm, apk, pacman, brew, snap and flatpak packages. */
  readonly packages?: readonly string[];
  /** Registry keys, MSI product codes, bundle ids, package family names; one `*` allowed at either end or inside. */
  readonly codes?: readonly (string | CodeRule)[];
  /** Titles and packages that come with the product but are not it. */
  readonly components?: readonly string[];
  readonly packageComponents?: readonly string[];
  readonly source: string;
  readonly reviewedOn: string;
  readonly examples: readonly Example[];
}

/** Where the release (what people call the version: `2019`, `17`, `2023.2`) comes from. */
export interface ReleaseRule {
  /** `version`: the reported version; `name`: the version in the name first; `none`: it has no releases. */
  readonly from: 'version' | 'name' | 'none';
  /** How many dotted parts; 1 unless said. */
  readonly parts?: number;
  /** Version prefix or captured text -> release. */
  readonly map?: Readonly<Record<string, string>>;
}

/** A row of content/software/classes.json: titles set apart without being a product. */
export interface ContentClass {
  readonly id: string;
  /** `first`: before products are looked at; `last`: when no product matched. */
  readonly stage: 'first' | 'last';
  readonly kind: RecognitionKind;
  readonly titles?: readonly string[];
  /** Globs over package names (`lib*`, `*-dev`). */
  readonly packages?: readonly string[];
  /** Globs over codes. */
  readonly codes?: readonly string[];
  readonly channels?: readonly string[];
  /** Publishers by key; the rule holds only for them. */
  readonly publishers?: readonly string[];
  readonly about: string;
  readonly examples: readonly Example[];
}

/** A raw title with what it must become; run by the tests. */
export interface Example {
  readonly name: string;
  readonly publisher?: string | null;
  readonly version?: string | null;
  readonly channel?: string;
  readonly code?: string | null;
  readonly expects: {
    readonly product?: string | null;
    readonly partOf?: string | null;
    readonly edition?: string | null;
    readonly release?: string | null;
    readonly version?: string | null;
    readonly kind?: RecognitionKind;
  };
}

export interface RulesetContent {
  readonly publishers: readonly ContentPublisher[];
  readonly products: readonly ContentProduct[];
  readonly classes: readonly ContentClass[];
}

/** What a person decided about raw titles. Stands before every rule of the content, codes included. */
export interface LocalRule {
  readonly id: string;
  /** `*` stands for any text; case does not matter. */
  readonly namePattern: string;
  readonly publisher: string | null;
  readonly channel: string | null;
  readonly productKey: string;
  readonly productKind: RecognitionKind;
  readonly publisherKey: string;
  readonly edition: string | null;
  /** Milliseconds; of two rules that match, the newer one stands. */
  readonly createdAt: number;
}

export interface Step {
  stage: 'code' | 'publisher' | 'clean' | 'local' | 'rule' | 'class' | 'none';
  text: string;
  before?: string;
  after?: string;
}

/** The meaning of evidence under a ruleset. */
export interface Recognition {
  /** The product this title is an installation of; null for updates, components and unknown titles. */
  productKey: string | null;
  /** The product an update, component or language pack belongs to. */
  partOf: string | null;
  publisherKey: string | null;
  edition: string | null;
  release: string | null;
  version: string | null;
  kind: RecognitionKind;
  /** The content rule's key, `local/<id>`, or `none`. */
  rule: string;
  confidence: Confidence;
  /** The name without version, bitness, language and marks. */
  cleanedName: string;
  /** Filled only when asked to explain. */
  steps: Step[];
}
