import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/**
 * postgresql.conf for a machine that PostgreSQL shares with Muster. Written at every start; a person's own settings go to `local.conf`
 * beside it and win.
 */
export function postgresConf(socketDir: string, overrides: Record<string, string> = {}): string {
  const memoryMib = totalmem() / MIB;
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
    // 512 MB on 8 GiB: the operating system's cache does the rest, and Muster needs room beside it.
    shared_buffers: `${Math.round(Math.min(Math.max(memoryMib / 16, 128), 2048))}MB`,
    effective_cache_size: `${Math.round(memoryMib / 2)}MB`,
    work_mem: '16MB',
    maintenance_work_mem: `${Math.round(Math.min(Math.max(memoryMib / 32, 64), 512))}MB`,
    dynamic_shared_memory_type: sharedMemoryType(),
    synchronous_commit: 'on',
    wal_compression: 'on',
    wal_buffers: '16MB',
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    random_page_cost: '1.1',
    effective_io_concurrency: '64',
    // Queries of a list are short; compiling them costs more than it gains.
    jit: 'off',
    max_parallel_workers_per_gather: '2',
    default_statistics_target: '200',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_insert_scale_factor: '0.1',
    autovacuum_vacuum_cost_limit: '1000',
    autovacuum_naptime: '30s',
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'top',
    logging_collector: 'on',
    log_directory: 'log',
    // One file a weekday, written over after a week: bounded without a cleaner.
    log_filename: 'postgresql-%a.log',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'on',
    log_line_prefix: '%m [%p] %q%a ',
    log_min_duration_statement: '1s',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, ymd',
    default_text_search_config: 'pg_catalog.simple',
    ...overrides,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written by Muster at every start. Put your own settings into local.conf in this folder; they win.\n${lines.join('\n')}\ninclude_if_exists = 'local.conf'\n`;
}

/** Containers often give /dev/shm 64 MB, which a parallel query outgrows; then files in the data folder carry it. */
function sharedMemoryType(): string {
  try {
    const { bsize, blocks } = statfsSync('/dev/shm');
    return bsize * blocks >= 512 * MIB ? 'posix' : 'mmap';
  } catch {
    return 'mmap';
  }
}
