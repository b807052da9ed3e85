import { random } from './random.ts';

export interface Office {
  code: string;
  name: string;
  country: string;
  weight: number;
  subnet: number;
}
export interface Department {
  key: string;
  name: string;
  weight: number;
  costCentre: string;
}
export interface SeedPerson {
  name: string;
  login: string;
  email: string;
  department: Department;
  office: Office;
  jobTitle: string;
  employeeNumber: string;
}

export const companyName = 'Northwind Instruments';
export const domain = 'northwind.example';

export const offices: readonly Office[] = [
  { code: 'ber', name: 'Berlin', country: 'DE', weight: 30, subnet: 10 },
  { code: 'par', name: 'Paris', country: 'FR', weight: 20, subnet: 20 },
  { code: 'lon', name: 'London', country: 'GB', weight: 15, subnet: 30 },
  { code: 'mil', name: 'Milano', country: 'IT', weight: 10, subnet: 40 },
  { code: 'bos', name: 'Boston', country: 'US', weight: 15, subnet: 50 },
  { code: 'sin', name: 'Singapore', country: 'SG', weight: 10, subnet: 60 },
];

export const departments: readonly Department[] = [
  { key: 'engineering', name: 'Engineering', weight: 28, costCentre: '4100' },
  { key: 'production', name: 'Production', weight: 16, costCentre: '4200' },
  { key: 'sales', name: 'Sales', weight: 16, costCentre: '5100' },
  { key: 'service', name: 'Customer service', weight: 14, costCentre: '5200' },
  { key: 'finance', name: 'Finance', weight: 8, costCentre: '6100' },
  { key: 'design', name: 'Design and marketing', weight: 8, costCentre: '5300' },
  { key: 'people', name: 'People and culture', weight: 4, costCentre: '6200' },
  { key: 'it', name: 'IT', weight: 6, costCentre: '6300' },
];

const jobTitles: Record<string, readonly string[]> = {
  engineering: ['Software engineer', 'Mechanical engineer', 'Test engineer', 'Engineering manager'],
  production: ['Production planner', 'Quality inspector', 'Line supervisor'],
  sales: ['Account manager', 'Sales engineer', 'Sales director'],
  service: ['Support specialist', 'Field technician', 'Service manager'],
  finance: ['Accountant', 'Controller', 'Purchasing officer'],
  design: ['Product designer', 'Graphic designer', 'Marketing manager'],
  people: ['People partner', 'Recruiter'],
  it: ['System administrator', 'Service-desk technician', 'Network engineer', 'Licence manager'],
};

const firstNames =
  'Aisha Alejandro Amelie Anders Anna Antoine Arjun Astrid Ben Bianca Carlos Caroline Chiara Chloe Daniel Dario David Elena Elif Emil Emma Erik Fatima Felix Finn Francesca Gabriel Grace Hana Hannah Hugo Ines Isabel Ivan Jack Jana Jin Johanna Jonas Julia Kai Karim Katarina Kenji Lara Laura Leon Li Lina Louis Lucia Luca Maja Marco Maria Marie Martin Mateo Maya Mei Michael Mila Mohammed Nadia Nina Noah Nora Oliver Olivia Omar Oscar Paul Petra Priya Rafael Rania Raj Robert Rosa Samuel Sara Sebastian Silvia Simon Sofia Stefan Tara Theo Thomas Tim Tomas Valentina Victor Vera Wei William Yara Yuki Yusuf Zoe'.split(
    ' ',
  );
const lastNames =
  'Abbott Ahmed Almeida Andersson Bauer Becker Bianchi Bernard Blanc Braun Brown Castro Chen Clark Costa Dahl Davies Delgado Dubois Eriksen Evans Fernandez Fischer Fontana Fournier Fuchs Garcia Girard Gomez Gupta Haas Hansen Harris Hoffmann Hughes Iyer Jansen Johnson Kapoor Keller Khan Kim Klein Koch Kovac Kumar Lang Lefevre Lehmann Li Lindqvist Lopez Lorenz Marino Martin Mayer Meier Mendes Mitchell Moreau Morgan Muller Nakamura Nguyen Novak Olsen Ortiz Park Patel Petit Pereira Phillips Rahman Ricci Richter Robinson Rossi Roux Russo Sanchez Santos Schmidt Schneider Shah Silva Singh Smith Sommer Tan Taylor Thompson Torres Turner Vogel Wagner Walker Wang Weber White Wilson Wolf Wong Wright Yamada Young Zhang Ziegler'.split(
    ' ',
  );

/** One of the weighted items, chosen by a number in [0, 1). */
export function weighted<T extends { weight: number }>(items: readonly T[], at: number): T {
  let rest = at * items.reduce((sum, i) => sum + i.weight, 0);
  for (const item of items) {
    rest -= item.weight;
    if (rest < 0) return item;
  }
  return items[items.length - 1] as T;
}

/** The people of the organisation; logins are unique. */
export function makePeople(seed: number, count: number): SeedPerson[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const r = random(seed, `person ${i}`);
    const first = r.pick(firstNames);
    const last = r.pick(lastNames);
    const department = weighted(departments, r.next());
    const stem = `${first}.${last}`.toLowerCase();
    let login = stem;
    for (let n = 2; taken.has(login); n++) login = `${stem}${n}`;
    taken.add(login);
    return {
      name: `${first} ${last}`,
      login,
      email: `${login}@${domain}`,
      department,
      office: weighted(offices, r.next()),
      jobTitle: r.pick(jobTitles[department.key] ?? ['Employee']),
      employeeNumber: `E${String(10_000 + i)}`,
    };
  });
}
