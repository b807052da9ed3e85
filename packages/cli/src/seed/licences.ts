/** What the organisation bought; some rights are short, some left over, some expired. `product` is a key of the catalogue. */
export interface SeedEntitlement {
  product: string;
  metric: 'per_device' | 'per_installation' | 'per_named_user' | 'site' | 'windows_server_core';
  /** Rights per 1,000 devices of the organisation; null is unlimited. */
  perThousand: number | null;
  edition?: string;
  unitPrice: string;
  supplier: string;
  reference: string;
  purchasedOn: string;
  startsOn?: string;
  endsOn?: string;
}

export const seedEntitlements: readonly SeedEntitlement[] = [
  {
    product: 'microsoft/365-apps',
    metric: 'per_named_user',
    perThousand: 720,
    unitPrice: '142.80',
    supplier: 'Bechtle AG',
    reference: 'PO-2026-0113',
    purchasedOn: '2026-01-05',
    startsOn: '2026-01-01',
    endsOn: '2026-12-31',
  },
  {
    product: 'microsoft/visio',
    metric: 'per_device',
    perThousand: 20,
    unitPrice: '559.00',
    supplier: 'SoftwareOne',
    reference: 'PO-2024-0877',
    purchasedOn: '2024-06-18',
  },
  {
    product: 'microsoft/visio',
    metric: 'per_device',
    perThousand: 15,
    unitPrice: '579.00',
    supplier: 'SoftwareOne',
    reference: 'PO-2026-0241',
    purchasedOn: '2026-02-11',
  },
  {
    product: 'microsoft/project',
    metric: 'per_device',
    perThousand: 40,
    unitPrice: '1129.00',
    supplier: 'SoftwareOne',
    reference: 'PO-2024-0878',
    purchasedOn: '2024-06-18',
  },
  {
    product: 'microsoft/windows-server',
    metric: 'windows_server_core',
    perThousand: 1100,
    unitPrice: '67.30',
    supplier: 'Bechtle AG',
    reference: 'PO-2025-0412',
    purchasedOn: '2025-03-27',
  },
  {
    product: 'adobe/acrobat',
    metric: 'per_named_user',
    perThousand: 480,
    unitPrice: '233.70',
    supplier: 'Computacenter',
    reference: 'PO-2026-0310',
    purchasedOn: '2026-03-02',
    startsOn: '2026-03-01',
    endsOn: '2027-02-28',
  },
  {
    product: 'adobe/photoshop',
    metric: 'per_named_user',
    perThousand: 80,
    unitPrice: '407.90',
    supplier: 'Computacenter',
    reference: 'PO-2026-0311',
    purchasedOn: '2026-03-02',
    startsOn: '2026-03-01',
    endsOn: '2027-02-28',
  },
  {
    product: 'autodesk/autocad',
    metric: 'per_named_user',
    perThousand: 60,
    unitPrice: '2310.00',
    supplier: 'Mensch und Maschine',
    reference: 'PO-2026-0098',
    purchasedOn: '2026-01-20',
    startsOn: '2026-02-01',
    endsOn: '2027-01-31',
  },
  {
    product: 'jetbrains/intellij-idea',
    metric: 'per_named_user',
    perThousand: 70,
    unitPrice: '599.00',
    supplier: 'JetBrains s.r.o.',
    reference: 'PO-2026-0512',
    purchasedOn: '2026-05-04',
    startsOn: '2026-05-01',
    endsOn: '2027-04-30',
  },
  {
    product: 'techsmith/snagit',
    metric: 'per_installation',
    perThousand: 25,
    unitPrice: '62.99',
    supplier: 'Softline',
    reference: 'PO-2025-0700',
    purchasedOn: '2025-07-15',
  },
  {
    product: 'teamviewer/teamviewer',
    metric: 'site',
    perThousand: null,
    unitPrice: '11880.00',
    supplier: 'TeamViewer',
    reference: 'PO-2026-0620',
    purchasedOn: '2026-06-01',
    startsOn: '2026-06-01',
    endsOn: '2027-05-31',
  },
  {
    product: 'rarlab/winrar',
    metric: 'per_installation',
    perThousand: 20,
    unitPrice: '29.95',
    supplier: 'win.rar GmbH',
    reference: 'PO-2021-0033',
    purchasedOn: '2021-02-02',
  },
];
