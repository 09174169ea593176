#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Explicit-state model checker of the store's protocol (docs/invariants.md, rules 1 to 16).

WHAT IT MODELS.  Breadth-first search over every interleaving of a few small actors, so that a trace is a shortest one.
Shared state: catalog rows (generation, root, journals [(name, sealed end or live)]) with write transactions behind one lock;
the durable copy of the catalog (it lags only in mutants and in WAL recovery); the `revived` table; objects (absent, linked,
linked and durable); journals (frames, synced count, linked, folder synced); the publish lock (shared, exclusive, turnstile);
writer locks; the live word per fork (journal, end, fence); pins (linked, content, lock).  Steps are single system calls or
single memory operations; a transaction is begin .. commit with steps between, and a kill inside it undoes it.
Actors: writer (open + recover, append, rotate, flush, close), creator, reader, dropper and forcer (forced operations; the forcer
is a promote that keeps everything up to the fenced end and starts a new overlay), GC, adopter (child flush that takes the
parent's segments).  Events are letters; a segment's address is its content.  kill -9 of any actor at any step (bounded number);
also in the middle of a SQLite commit: WAL written and not synced, or written and not yet in the WAL index (it may come back).
A machine crash is checked as an invariant on every state (what is durable must suffice), and as starting states (`live` stale).

CHECKED in every state: I1 all that a row or a completed live pin reaches exists (I1d: and is durable, for rows);
I2 an acknowledged event is exactly once in its fork's durable history; no acknowledgement after a committed drop;
I3 a child or view holds only durable bytes, all that was acknowledged before it was asked for, and never changes;
I4 where all actors ended, one more GC leaves nothing unreachable; I5 no deadlock (turnstile without deadline).

NOT MODELLED: merge/coalesce (same as flush: own root, generation), TTL clocks, tags and tombstones (same as rows), failed
syncs, torn frames, byte collisions, two writers in one process, buffered appends, manifest nodes (folded into the root).

RUN   make protocol-model                    holes, mutants and the rules as they are: about a minute
      Scripts/protocol-model.py              the triples and quadruples of actors, too
      Scripts/protocol-model.py fixed|triples|holes|mutants  one part
      Scripts/protocol-model.py NAME [-v]    one run by name (prefix), -v prints its trace even if expected
Prints for each run: states explored, verdict, whether as expected; a trace for each hole.  States are identified by a 64-bit
hash (hash compaction).  Exit status 1 if a run is not as expected.
"""
import sys, time
from collections import deque
from multiprocessing import Pool

# The repaired protocol.  A hole or a mutant is a change of one or more of these.
FIX = dict(
    word_id=True,      # the live word names its journal; mismatch: fenced -> 0, else wait for the holder
    arm='cas',         # after rotation/recovery: 'txn' stored before commit, 'cas' after commit, 'plain' store after commit
    open_arm='txn',    # opener's arming: 'txn' inside its write transaction, 'plain' after it
    fence_txn=True,    # forced operation sets the fence inside its write transaction (False: before, and trusts that end)
    fence_recheck=False, # with fence_txn=False: the transaction goes on only if the fence is still set, and takes the end anew
    fence_reset=False, # forced operation also zeroes the word before its commit
    word_in_txn=True,  # creator reads the word inside the transaction
    unfence='commit',  # writer that meets a fence and finds its row unchanged clears it: in a write transaction that commits a change ('commit'),
                       # or that commits nothing ('txn'), or after a plain read ('read')
    walghost=True,     # a commit cut short (WAL written, index not) may come back at the next WAL recovery, if nothing was committed since
    rd_recheck=True,   # reader: row, word, row again
    clear='snap',      # revived emptied: 'snap' with GC's snapshot, 'end' of GC, 'never'
    recheck='all',     # roots added since: 'all' rows and pins, 'rows', 'none'
    use_rev=True, gclock=True, link_check=True,
    pins_at='lock',    # 'before': GC reads pins before it has the publish lock
    sweep='lock',      # dead pins removed under the exclusive lock, or 'free': without it
    pin_first=False,   # reader reads the catalog before it makes its pin
    pin_pub=True,      # reader holds the publish lock while it takes a pin
    pub_first=True,    # publish lock before the existence check
    sync_reuse=True, sync_obj=True, sync_first=True, rec_sync=True, seal_sync=True,
    jfile='after',     # journal file made after the naming transaction (lazily) or 'before'
    rot_lock=True,     # creator of a journal holds the publish lock
    gen=True, full=True, adopt_locked=True, slot_wait=True, keep_lock=True, batch_lock=True, list_first=True,
    pin_lock_order='ok', rec_in_pub=False, walsync=True, gc_sync=False, batch_commit=True, name_reuse=False)

class V(Exception): pass
F = frozenset

class S:
    __slots__ = ('rows', 'dur', 'rev', 'objs', 'jr', 'word', 'pins', 'pub', 'cat', 'fl', 'a', 'gh', 'kills', 'gcl', 'dead')
    def cp(s):
        n = S.__new__(S)
        for k in S.__slots__: setattr(n, k, getattr(s, k))
        return n
    def key(s):
        return hash((F(s.rows.items()), None if s.dur is s.rows else F(s.dur.items()), s.rev, F(s.objs.items()), F(s.jr.items()),
                     F(s.word.items()), F(s.pins.items()), s.pub, s.cat, F(s.fl.items()), s.a, F(s.gh.items()), s.kills, s.gcl, None if s.dead is None else (F(s.dead[0].items()), s.dead[1])))

def up(d, k, v): d = dict(d); d[k] = v; return d
def rm(d, k): d = dict(d); d.pop(k, None); return d
def loc(n, i, *l): n.a = n.a[:i] + (l,) + n.a[i+1:]; return n

# row = (gen, root, journals, overlay, number)
def live(row): return row[2][-1][0] if row[2] and row[2][-1][1] is None else None
def seal_new(row, end, ov=None):
    g, root, js, o, k = row
    head = js[:-1] + (((js[-1][0], end),) if end else ())
    o, k = (ov, 0) if ov else (o, k + 1)
    return (g + 1, root, head + ((f'{o}.{k}', None),), o, k)

def content(s, root, js, durable=False):
    """Events of a snapshot; raises V where something is missing.  A live journal counts its synced frames."""
    out = ''
    for seg in root:
        st = s.objs.get(seg)
        if st is None: raise V(f'I1 object {seg!r} is missing')
        if durable and not st: raise V(f'I1d object {seg!r} is named by a durable row but is not durable')
        out += seg
    for j, e in js:
        f, sy, ln, dd = s.jr.get(j, ('', 0, False, False))
        if e is None: out += f[:sy] if ln and dd else ''; continue
        if e > 0 and not ln: raise V(f'I1 journal {j} (end {e}) is missing')
        if len(f) < e: raise V(f'I3 snapshot holds {j} up to {e}, the journal has {len(f)} frames')
        if durable and (sy < e or not dd): raise V(f'I3 snapshot holds {j} up to {e}, only {sy} frames durable (folder {dd})')
        out += f[:e]
    return out

def check(s, C):
    for rows in ((s.rows,) if s.dur is s.rows else (s.rows, s.dur)):
        for f, r in rows.items():
            c = content(s, r[1], r[2], True)
            if len(set(c)) != len(c): raise V(f'I2 an event is twice in {f}: {c}')
            for e in s.gh.get('ack' + f, ''):
                if e not in c: raise V(f'I2 event {e!r} was acknowledged on {f}, whose durable history is {c!r}')
            b = s.gh.get('snap' + f)
            if b is not None and not c.startswith(b): raise V(f'I3 {f} changed: made with {b!r}, now {c!r}')
    if s.dur is not s.rows:
        for f in s.rows:
            if s.gh.get('ack' + f) and f not in s.dur and f not in s.gh.get('dropped', ''):
                raise V(f'I2 event {s.gh["ack"+f]!r} acknowledged on {f}, whose row is visible but not durable')
    if s.dead is not None:   # the next WAL recovery (all closed, or power loss) may bring this commit back
        D, acks = s.dead
        for f, r in D.items():
            try: c = content(s, r[1], r[2], False)
            except V as e: raise V(f'{e} -- once the WAL recovery brings back the commit that was cut short')
            for e in s.gh.get('ack' + f, ''):
                if e not in c: raise V(f'I2 {e!r} was acknowledged on {f}; the WAL recovery brings back the commit that was cut short, history {c!r}')
        for f in s.rows:
            if f not in D and s.gh.get('ack' + f, '') != dict(acks).get('ack' + f, ''): raise V(f'I2 acknowledged on {f}; the WAL recovery brings back its drop')
    for l in s.a:
        if l[0] == 'r9': 
            if content(s, l[1][0], l[1][1]) != l[1][2]: raise V('I3 a view changed')

def reach_row(r): return set(('o', x) for x in r[1]) | set(('j', j) for j, e in r[2])
def reach(s, pins=True):
    out = set()
    for r in s.rows.values(): out |= reach_row(r)
    if pins:
        for ln, c, ow in s.pins.values():
            if ln and ow is not None and c: out |= set(('o', x) for x in c[0]) | set(('j', j) for j, e in c[1])
    return out
def pin_reach(s):
    out = set()
    for ln, c, ow in s.pins.values():
        if ln and ow is not None and c: out |= set(('o', x) for x in c[0]) | set(('j', j) for j, e in c[1])
    return F(out)
def listing(s): return F(('o', x) for x in s.objs) | F(('j', j) for j, v in s.jr.items() if v[2])

def commit(n, C, rows):
    n.rows = rows
    if C['full']: n.dur = rows
    n.cat = None; n.dead = None
def shared_ok(s): return s.pub[1] is None and s.pub[2] is None
def take_sh(n, i): n.pub = (n.pub[0] | {i}, n.pub[1], n.pub[2])
def rel_sh(n, i): n.pub = (n.pub[0] - {i}, n.pub[1], n.pub[2])
def rel_all(n, i):
    n.pub = (n.pub[0] - {i}, None if n.pub[1] == i else n.pub[1], None if n.pub[2] == i else n.pub[2])
    if n.cat == i: n.cat = None
    if n.gcl == i: n.gcl = None
    if i in n.fl.values(): n.fl = {k: v for k, v in n.fl.items() if v != i}
    if any(p[2] == i for p in n.pins.values()): n.pins = {k: ((p[0], p[1], None) if p[2] == i else p) for k, p in n.pins.items()}

def word_end(s, C, f, j):
    """What one who does not hold the writer lock believes of live journal j: an end, or None = wait."""
    w = s.word.get(f)
    if not C['word_id']: return w[1] if w else 0
    if w and w[0] == j: return w[1]
    if w and w[2]: return 0
    return None if C['slot_wait'] else 0

def do_sync(n, j):
    v = n.jr.get(j)
    if v: n.jr = up(n.jr, j, (v[0], len(v[0]), v[2], True))

# ---------------------------------------------------------------- actors: f(s, i, C, *arg) -> [(label, state)]
def writer(s, i, C, f, ops0=None, opened=None):
    l = s.a[i]; pc, j, k, ops, x = l
    n = s.cp(); T = []
    def go(label, pc, j=j, k=k, ops=ops, x=x, n=n): T.append((label, loc(n, i, pc, j, k, ops, x))); return T
    row = s.rows.get(f)
    if pc == 'lock':
        if f in s.fl: return T
        n.fl = up(s.fl, f, i); return go(f'locks {f}', 'rd')
    if pc == 'rd':
        if row is None: rel_all(n, i); return go('finds fork gone', 'done')
        lj = live(row); fr = s.jr.get(lj, ('', 0, 0, 0))[0]
        if C['rec_sync']: do_sync(n, lj)
        return go(f'reads row, {len(fr)} frames of {lj}, syncs', 'rb', lj, len(fr), x=row[0])
    if pc == 'rb':
        if s.cat is not None: return T
        n.cat = i; return go('begin (recovery)', 'rt')
    if pc == 'rt':
        if row is None or row[0] != x: n.cat = None; return go('row changed, abort', 'rd')
        if C['name_reuse'] and k == 0: # an empty first journal is used as it is: no transaction
            n.cat = None; n.word = up(s.word, f, (j, 0, 0)); return go(f'journal {j} is empty: uses it, arms', 'idle', k=0)
        nj = seal_new(row, k)
        if C['open_arm'] == 'txn': n.word = up(s.word, f, (live(nj), 0, 0))
        return go('arms new word in the transaction' if C['open_arm'] == 'txn' else '-', 'rc')
    if pc == 'rc':
        nr = seal_new(row, k); commit(n, C, up(s.rows, f, nr))
        return go(f'commit: {j} sealed at {k}, {live(nr)} named', 'idle' if C['open_arm'] == 'txn' else 'ra', live(nr), 0, x=None)
    if pc == 'ra':
        n.word = up(s.word, f, (j, 0, 0)); return go(f'arms word ({j},0)', 'idle')
    if pc == 'idle':
        if not ops: n.fl = rm(s.fl, f); return go('closes', 'done')
        op = ops[0]
        if op == '_': return go('stays open', 'stay')
        if op == 'f': return go('-', 'p0') # publish what is sealed
        if op == 'F': # rotate, then publish
            if not C['rot_lock']: return go('-', 'q0')
            if not shared_ok(s): return T
            take_sh(n, i); return go('publish shared', 'q0')
        if j not in s.jr:
            if C['rot_lock'] and not shared_ok(s): return T
            n.jr = up(s.jr, j, ('', 0, True, False)); return go(f'makes file {j} (publish lock held for it)', 'idle')
        v = s.jr[j]; n.jr = up(s.jr, j, (v[0][:k] + op, min(v[1], k), v[2], v[3]))
        return go(f'writes {op} to {j}', 'sy' if C['sync_first'] else 'cas')
    if pc == 'sy':
        do_sync(n, j); return go(f'syncs {j}', 'cas' if C['sync_first'] else 'idle', ops=ops if C['sync_first'] else ops[1:])
    if pc == 'cas':
        w = s.word.get(f)
        ok = w and w[2] == 0 and w[1] == k and (not C['word_id'] or w[0] == j)
        if not ok: return go(f'compare-exchange fails: {w}', 'fx')
        n.word = up(s.word, f, (j if C['word_id'] else w[0], k + 1, 0))
        if f in s.gh.get('dropped', ''): raise V(f'I2 {ops[0]!r} acknowledged after the drop of {f} was committed')
        n.gh = up(s.gh, 'ack' + f, s.gh.get('ack' + f, '') + ops[0])
        return go(f'word -> {k+1}, acknowledges {ops[0]}', 'idle' if C['sync_first'] else 'sy', k=k + 1, ops=ops[1:] if C['sync_first'] else ops)
    if pc == 'fx':
        if C['unfence'] == 'read': return go('reads catalog (no transaction)', 'fz', x=row)
        if s.cat is not None: return T
        n.cat = i; return go('begin (met the fence)', 'fy')
    if pc in ('fy', 'fz'):
        if pc == 'fy': n.cat = None
        else: row = x
        if row is None: rel_all(n, i); return go('fork is gone', 'done', x=None)
        lj = live(row)
        if lj == j and pc == 'fy' and C['unfence'] == 'commit': commit(n, C, up(s.rows, f, (row[0] + 1,) + row[1:]))
        if lj == j: n.word = up(s.word, f, (j, k, 0)); return go(f'row unchanged: clears the fence ({j},{k})', 'cas' if ops and ops[0] not in 'Ff_' else 'idle', x=None)
        if pc == 'fy' and C['unfence'] == 'commit': commit(n, C, up(s.rows, f, (row[0] + 1,) + row[1:]))
        n.word = up(s.word, f, (lj, 0, 0)); return go(f'goes on in {lj}', 'idle', lj, 0, x=None)
    # rotation
    if pc == 'q0':
        if row is None: rel_sh(n, i); return go('fork gone', 'fx')
        if live(row) != j: rel_sh(n, i); return go('journal is another', 'fx')
        if C['jfile'] == 'before': n.jr = up(s.jr, live(seal_new(row, k)), ('', 0, True, True))
        return go('makes next journal file' if C['jfile'] == 'before' else '-', 'q1', x=row[0])
    if pc == 'q1':
        if s.cat is not None: return T
        n.cat = i; return go('begin (rotation)', 'q2')
    if pc == 'q2':
        if row is None or (C['gen'] and row[0] != x): n.cat = None; rel_sh(n, i); return go('row changed', 'fx', x=None)
        if C['arm'] == 'txn': n.word = up(s.word, f, (live(seal_new(row, k)), 0, 0))
        if not C['seal_sync']: pass
        return go('arms new word before commit' if C['arm'] == 'txn' else '-', 'q3')
    if pc == 'q3':
        nr = seal_new(row, k); commit(n, C, up(s.rows, f, nr))
        return go(f'commit rotation: {j} sealed at {k}, {live(nr)} named', 'q5' if C['arm'] == 'txn' else 'q4', live(nr), 0, ops=('f',) + ops[1:], x=(j, k))
    if pc == 'q4':
        w = s.word.get(f)
        if C['arm'] == 'cas' and not (w and w[2] == 0 and w[1] == x[1] and (not C['word_id'] or w[0] == x[0])):
            rel_sh(n, i); return go(f'arming fails: {w}', 'fx', x=None)
        n.word = up(s.word, f, (j, 0, 0)); return go(f'arms word ({j},0)', 'q5')
    if pc == 'q5': rel_sh(n, i); return go('publish released', 'p0', x=None)
    # publish
    if pc == 'p0':
        if C['pub_first']:
            if not shared_ok(s): return T
            take_sh(n, i); return go('publish shared', 'p1')
        return go('-', 'p1')
    if pc == 'p1':
        if row is None: rel_sh(n, i); return go('fork gone', 'fx')
        js = [q for q in row[2] if q[1] is not None]
        try: seg = content(s, (), js)
        except V as e: raise V(str(e) + ' (flush reads it)')
        if not seg: rel_sh(n, i); return go('nothing to flush', 'idle', ops=ops[1:], x=None)
        hit = seg in s.objs
        return go(f'object {seg!r} ' + ('exists: reuse' if hit else 'is new'), 'p2' if C['pub_first'] else 'p1b', x=(row[0], seg, hit, tuple(js)))
    if pc == 'p1b':
        if not shared_ok(s): return T
        take_sh(n, i); return go('publish shared', 'p2')
    if pc == 'p2':
        g, seg, hit, js = x
        if not hit and seg not in s.objs: n.objs = up(s.objs, seg, False); return go(f'links {seg!r}', 'p3')
        pc = 'p3'
    if pc == 'p3':
        g, seg, hit, js = x
        if seg in s.objs and C['sync_obj'] and (not hit or C['sync_reuse']): n.objs = up(s.objs, seg, True)
        return go(f'syncs {seg!r}', 'p4')
    if pc == 'p4':
        if s.cat is not None: return T
        n.cat = i; return go('begin (flush)', 'p5')
    if pc == 'p5':
        g, seg, hit, js = x
        if row is None or (C['gen'] and row[0] != g): n.cat = None; rel_sh(n, i); return go('row changed: flush abandoned', 'fx', ops=ops[1:], x=None)
        commit(n, C, up(s.rows, f, (row[0] + 1, row[1] + (seg,), tuple(q for q in row[2] if q not in js)) + row[3:]))
        if hit and C['use_rev']: n.rev = s.rev | {('o', seg)}
        return go(f'commit: root {row[1] + (seg,)}' + (' + revived' if hit and C['use_rev'] else ''), 'p6')
    if pc == 'p6': rel_sh(n, i); return go('publish released', 'idle', ops=ops[1:], x=None)
    return T

def creator(s, i, C, p, c):
    l = s.a[i]; pc, x, own, base = l
    n = s.cp(); T = []
    def go(label, pc, x=x, own=own, base=base): T.append((label, loc(n, i, pc, x, own, base))); return T
    row = s.rows.get(p)
    if pc == 'c0':
        if row is None: rel_all(n, i); return go('parent gone', 'done', None, False, '')
        if live(row) and p not in s.fl and not own:
            n.fl = up(s.fl, p, i); return go(f'lock of {p} is free: takes it', 'k1', base=s.gh.get('ack' + p, ''))
        return go('lock is held: writer lives', 'c1' if C['word_in_txn'] else 'cw', None, base=s.gh.get('ack' + p, ''))
    if pc == 'k1':
        if row is None: rel_all(n, i); return go('parent gone', 'done', None, False, '')
        lj = live(row); fr = s.jr.get(lj, ('',))[0]
        if C['rec_sync']: do_sync(n, lj)
        return go(f'recovers {lj}: {len(fr)} frames, synced', 'k2', (row[0], len(fr)))
    if pc == 'k2':
        if s.cat is not None: return T
        n.cat = i; return go('begin (recovery)', 'k3')
    if pc == 'k3':
        if row is None or row[0] != x[0]: n.cat = None; return go('row changed', 'k1', None)
        commit(n, C, up(s.rows, p, seal_new(row, x[1])))
        if not C['keep_lock']: n.fl = rm(s.fl, p)
        return go(f'commit: sealed at {x[1]}', 'c1' if C['keep_lock'] else 'c0', None, C['keep_lock'])
    if pc == 'cw':
        return go('reads the word outside the transaction', 'c1', (live(row), word_end(s, C, p, live(row))) if row else None)
    if pc == 'c1':
        if s.cat is not None: return T
        n.cat = i; return go('begin (create)', 'c2')
    if pc == 'c2':
        if row is None: rel_all(n, i); return go('parent gone', 'done', None, False, '')
        lj = live(row)
        e = 0 if own else x[1] if x else word_end(s, C, p, lj)
        if e is None: n.cat = None; return go(f'word {s.word.get(p)} is not of {lj}: again', 'c0', None)
        return go(f'row {row[1:3]}, word {s.word.get(p)}', 'c3', e)
    if pc == 'c3':
        js = row[2][:-1] + (((row[2][-1][0], x),) if x else ())
        cont = content(s, row[1], js, True)
        for e in base:
            if e not in cont: raise V(f'I3 child made without {e!r}, acknowledged before create began (child: {cont!r})')
        commit(n, C, up(s.rows, c, (1, row[1], js + ((c + '0.0', None),), c + '0', 0)))
        n.gh = up(s.gh, 'snap' + c, cont)
        n.fl = {k: v for k, v in s.fl.items() if v != i}
        return go(f'commit: {c} = {row[1]}, {js}', 'done', None, False, '')
    return T

def reader(s, i, C, p, pid):
    l = s.a[i]; pc, x, base = l
    n = s.cp(); T = []
    def go(label, pc, x=x, base=base): T.append((label, loc(n, i, pc, x, base))); return T
    row = s.rows.get(p); pin = s.pins.get(pid, (False, None, None))
    def snapshot(row, w_end):
        js = row[2][:-1] + (((live(row), w_end),) if w_end else ())
        c = content(s, row[1], js, True)
        for e in base:
            if e not in c: raise V(f'I3 view opened without {e!r}, acknowledged before (view: {c!r})')
        return (row[1], js, c)
    if pc == 'r0':
        if row is None: rel_all(n, i); return go('fork gone', 'done', None, '')
        b = s.gh.get('ack' + p, '')
        if live(row) and p not in s.fl:
            n.fl = up(s.fl, p, i); return go(f'lock of {p} is free: takes it', 'rk1', None, b)
        if C['pin_first']:
            e = word_end(s, C, p, live(row)); base = b
            return go('reads the catalog before pinning', 'ra', snapshot(row, e or 0), b)
        return go('asks for a view', 'ra', None, b)
    if pc == 'rk1':
        if row is None: rel_all(n, i); return go('fork gone', 'done', None, '')
        lj = live(row); fr = s.jr.get(lj, ('',))[0]
        if C['rec_sync']: do_sync(n, lj)
        return go(f'recovers {lj}: {len(fr)} frames, synced', 'rk2', (row[0], len(fr)))
    if pc == 'rk2':
        if s.cat is not None: return T
        n.cat = i; return go('begin (recovery)', 'rk3')
    if pc == 'rk3':
        if row is None or row[0] != x[0]: n.cat = None; return go('row changed', 'rk1', None)
        commit(n, C, up(s.rows, p, seal_new(row, x[1]))); return go(f'commit: sealed at {x[1]}, keeps the lock', 'r0' if C['pin_first'] else 'ra', None)
    if pc == 'ra':
        if not C['pin_pub']: return go('-', 'r1')
        if not shared_ok(s): return T
        take_sh(n, i); return go('publish shared', 'r1')
    if pc == 'r1': n.pins = up(s.pins, pid, (True, None, None)); return go('makes pin file', 'r2')
    if pc == 'r2':
        if pin[2] is not None: return T
        n.pins = up(s.pins, pid, (pin[0], pin[1], i)); return go('locks pin', 'r3' if C['link_check'] else ('r7' if C['pin_first'] else 'r4'))
    if pc == 'r3':
        if not pin[0]: n.pins = rm(s.pins, pid); return go('pin has no link: again', 'r1')
        return go('pin is linked', 'r7' if C['pin_first'] else 'r4')
    if pc == 'r4':
        if row is None: n.pins = rm(s.pins, pid); rel_sh(n, i); n.fl = {k: v for k, v in s.fl.items() if v != i}; return go('fork gone, pin removed', 'done', None, '')
        return go(f'reads row {row[1:3]}', 'r5', row)
    if pc == 'r5':
        lj = live(x); e = 0 if s.fl.get(p) == i else word_end(s, C, p, lj)
        if C['rd_recheck']: return go(f'reads word {s.word.get(p)}', 'r6', (x, e))
        if e is None: n.pins = rm(s.pins, pid); rel_sh(n, i); return go('word of another journal: again', 'r0', None)
        return go(f'reads word {s.word.get(p)}', 'r7', snapshot(x, e))
    if pc == 'r6':
        if row is None or row[2] != x[0][2] or x[1] is None: n.pins = rm(s.pins, pid); rel_sh(n, i); return go('row or word changed: again', 'r0', None)
        return go('row is the same', 'r7', snapshot(x[0], x[1]))
    if pc == 'r7': n.pins = up(s.pins, pid, (pin[0], (x[0], x[1]), i)); return go('writes snapshot into pin', 'r8')
    if pc == 'r8': rel_sh(n, i); n.fl = {k: v for k, v in s.fl.items() if v != i}; return go('publish released: view complete', 'r9')
    if pc == 'r9': n.pins = rm(s.pins, pid); return go('view read and closed', 'done', None, '')
    return T

def gc(s, i, C, again=False):
    l = s.a[i]; pc, lst, rch, todo = l
    n = s.cp(); T = []
    def go(label, pc, lst=lst, rch=rch, todo=todo): T.append((label, loc(n, i, pc, lst, rch, todo))); return T
    N = F()
    if pc == 'gs':
        if C['gclock']:
            if s.gcl is not None: return T
            n.gcl = i
        return go('starts', 'gp' if C['sweep'] == 'free' else 'gl' if C['list_first'] else 'g1')
    if pc == 'gp':
        for pid, p in s.pins.items():
            if p[0] and p[2] is None:
                n2 = s.cp(); n2.pins = up(s.pins, pid, (True, p[1], i)); T.append((f'locks {pid}', loc(n2, i, 'gp2', lst, rch, (pid,))))
        n = s.cp(); T.append(('no more dead pins', loc(n, i, 'gl' if C['list_first'] else 'g1', lst, rch, ()))); return T
    if pc == 'gp2':
        n.pins = up(s.pins, todo[0], (False, None, None)); return go(f'unlinks {todo[0]}, unlocks', 'gp', todo=())
    if pc == 'gl':
        if C['pins_at'] == 'before': return go('lists; reads pins now', 'g1', listing(s), pin_reach(s))
        return go('lists objects and journals', 'g1', listing(s))
    if pc == 'g1':
        if s.pub[2] is not None: return T
        n.pub = (s.pub[0], s.pub[1], i); return go('waits at the turnstile', 'g2')
    if pc == 'g2':
        if s.pub[0] or s.pub[1] is not None: return T
        n.pub = (s.pub[0], i, None); return go('publish exclusive', 'g3')
    if pc == 'g3':
        if C['clear'] == 'snap':
            if s.cat is not None: return T
            n.rev = F()
            if C['gc_sync']: n.dur = s.rows; n.dead = None
        if C['pins_at'] == 'before': r = F(reach(s, False)) | rch
        else: r = F(reach(s))
        if C['sweep'] == 'lock': n.pins = {k: p for k, p in s.pins.items() if p[2] is not None}
        return go('snapshot of catalog and pins' + (', revived emptied' if C['clear'] == 'snap' else ''), 'g5', lst, r)
    if pc == 'g5':
        rel_all_pub = (s.pub[0], None, s.pub[2]); n.pub = rel_all_pub
        return go('publish released', 'g6' if C['list_first'] else 'g5b')
    if pc == 'g5b': return go('lists after the snapshot', 'g6', listing(s))
    if pc == 'g6':
        for k, x in rch:
            if k == 'o' and x not in s.objs: raise V(f'I-GC mark finds reachable object {x!r} missing: damage reported in a healthy store')
        todo = tuple(sorted(lst - rch)); return go(f'marks; to delete: {[x for _, x in todo]}', 'g7', N, rch if C['recheck'] != 'none' else N, todo)
    if pc == 'g7':
        if not todo:
            if C['clear'] == 'end':
                if s.cat is not None: return T
                n.rev = F()
            if n.gcl == i: n.gcl = None
            return go('ends', 'done', N, N, ())
        if not C['batch_lock']: return go('-', 'g9')
        if s.pub[2] is not None: return T
        n.pub = (s.pub[0], s.pub[1], i); return go('waits at the turnstile', 'g8')
    if pc == 'g8':
        if s.pub[0] or s.pub[1] is not None: return T
        n.pub = (s.pub[0], i, None); return go('publish exclusive (batch)', 'g9')
    if pc == 'g9':
        if C['batch_commit']:   # a change is committed under the exclusive lock, before the first unlink
            if s.cat is not None: return T
            n.dur = s.rows; n.dead = None
        t = todo[0]; n.pub = (s.pub[0], None if s.pub[1] == i else s.pub[1], s.pub[2])
        keep = (C['use_rev'] and t in s.rev) or (C['recheck'] == 'all' and t in reach(s)) or (C['recheck'] == 'rows' and t in reach(s, False))
        if not keep:
            if t[0] == 'o': n.objs = rm(s.objs, t[1])
            else: v = s.jr[t[1]]; n.jr = up(s.jr, t[1], (v[0], v[1], False, False))
        return go(('keeps ' if keep else 'UNLINKS ') + repr(t[1]) + ', publish released', 'g7', todo=todo[1:])
    return T

def forcer(s, i, C, f, kind):
    l = s.a[i]; pc, x, own = l
    n = s.cp(); T = []
    def go(label, pc, x=x, own=own): T.append((label, loc(n, i, pc, x, own))); return T
    row = s.rows.get(f)
    if pc == 'd0':
        if row is None: rel_all(n, i); return go('gone', 'done', None, False)
        if f not in s.fl: n.fl = up(s.fl, f, i); return go('takes the free lock', 'd1', own=True)
        return go('lock is held: forced', 'd1' if C['fence_txn'] else 'dw', own=False)
    if pc == 'dw':
        w = s.word.get(f)
        if w: n.word = up(s.word, f, (w[0], w[1], 1))
        return go(f'sets the fence on {w} (no transaction)', 'd1', w[1] if w else 0)
    if pc == 'd1':
        if s.cat is not None: return T
        n.cat = i; return go(f'begin ({kind})', 'd2')
    if pc == 'd2':
        if row is None: rel_all(n, i); return go('gone', 'done', None, False)
        lj = live(row)
        if own:
            do_sync(n, lj); return go('recovers under the lock', 'd3', len(s.jr.get(lj, ('',))[0]))
        w = s.word.get(f)
        if not C['fence_txn'] and not C['fence_recheck']: return go('-', 'd3')
        if not C['fence_txn'] and not (w and w[2]): n.cat = None; return go('fence was cleared: again', 'd0', None)
        if C['word_id']:
            e = word_end(s, C, f, lj)
            if e is None: n.cat = None; return go(f'word {w} is not of {lj}: again', 'd0', None)
        else: e = w[1] if w else 0
        if w: n.word = up(s.word, f, (w[0], w[1], 1))
        return go(f'fences {w} in the transaction', 'd2b' if C['fence_reset'] else 'd3', e)
    if pc == 'd2b':
        n.word = up(s.word, f, (s.word[f][0], 0, 1)); return go('zeroes the fenced word', 'd3')
    if pc == 'd3':
        if kind == 'drop':
            commit(n, C, rm(s.rows, f)); n.gh = up(s.gh, 'dropped', s.gh.get('dropped', '') + f); lab = f'commit: {f} dropped'
        else:
            nr = seal_new(row, x, f'{f}^{row[0]}'); commit(n, C, up(s.rows, f, nr)); lab = f'commit: {live(row)} sealed at {x}, new overlay, {live(nr)} named'
        n.fl = {k: v for k, v in s.fl.items() if v != i}
        return go(lab, 'done', None, False)
    return T

def adopter(s, i, C, p, c):
    """Child flush: inherited journal replaced by the parent's segments; or promote taking a child's snapshot."""
    l = s.a[i]; pc, x = l
    n = s.cp(); T = []
    def go(label, pc, x=x): T.append((label, loc(n, i, pc, x))); return T
    row = s.rows.get(p); crow = s.rows.get(c)
    if pc == 'a0':
        if C['adopt_locked']:
            if not shared_ok(s): return T
            take_sh(n, i); return go('publish shared', 'a1')
        return go('-', 'a1')
    if pc == 'a1':
        if row is None or crow is None: rel_sh(n, i); return go('source gone: nothing adopted', 'done', None)
        return go(f"reads source's root {row[1]}", 'a2', (row[1], crow[0]))
    if pc == 'a2':
        if C['adopt_locked']: return go('-', 'a3')
        if not shared_ok(s): return T
        take_sh(n, i); return go('publish shared', 'a3')
    if pc == 'a3':
        if s.cat is not None: return T
        n.cat = i; return go('begin', 'a4')
    if pc == 'a4':
        if crow is None or crow[0] != x[1]: n.cat = None; rel_sh(n, i); return go('row changed', 'done', None)
        commit(n, C, up(s.rows, c, (crow[0] + 1, x[0], crow[2][-1:]) + crow[3:]))
        return go(f'commit: {c} root {x[0]}', 'a5')
    if pc == 'a5': rel_sh(n, i); return go('publish released', 'done', None)
    return T

def opener_reader_recovery(s, i, C, p):
    """A reader that finds an unsealed journal and a free lock while it already holds the publish lock (rule 3 inside rule 10)."""
    l = s.a[i]; pc = l[0]; n = s.cp()
    if pc == 'x0':
        if not shared_ok(s): return []
        take_sh(n, i); return [('publish shared (for a pin)', loc(n, i, 'x1'))]
    if pc == 'x1':
        if p in s.fl: return []
        n.fl = up(s.fl, p, i); return [('writer lock (to recover)', loc(n, i, 'x2'))]
    if pc == 'x2':  # starts a new journal: publish shared, again
        if not shared_ok(s): return []
        return [('publish shared again (new journal)', loc(n, i, 'x3'))]
    if pc == 'x3': rel_all(n, i); return [('all released', loc(n, i, 'done'))]
    return []

START = dict(writer=lambda f, ops, opened: ('idle', opened[0], opened[1], tuple(ops), None) if opened else ('lock', None, 0, tuple(ops), None),
             creator=lambda *a: ('c0', None, False, ''), reader=lambda *a: ('r0', None, ''), gc=lambda *a: ('gs', F(), F(), ()),
             forcer=lambda *a: ('d0', None, False), adopter=lambda *a: ('a0', None), opener_reader_recovery=lambda *a: ('x0',))

# ---------------------------------------------------------------- engine
def final_gc(s, C):
    left = set()
    r = reach(s)   # everybody has ended: no pin is locked
    for t in listing(s):
        if t not in r and C['use_rev'] and C['clear'] != 'snap' and t in s.rev: left.add(t)
    if left: raise V(f'I4 after all ended, GC leaves unreachable {sorted(x for _, x in left)} (it is in revived)')

def run(sc, limit=3_000_000, secs=58):
    name, cfg, init, actors, kills, expect = sc
    C = dict(FIX); C.update(cfg)
    s = S(); s.rev = F(); s.pub = (F(), None, None); s.cat = None; s.kills = kills; s.gcl = None; s.dead = None
    s.rows = init.get('rows', {}); s.dur = s.rows; s.objs = init.get('objs', {}); s.jr = init.get('jr', {}); s.word = init.get('word', {})
    s.pins = init.get('pins', {}); s.gh = init.get('gh', {})
    s.fl = {}; acts = []; loc0 = []
    for i, (nm, fn, *arg) in enumerate(actors):
        acts.append((nm, globals()[fn], arg)); loc0.append(START[fn](*arg))
        if fn == 'writer' and arg[2]: s.fl[arg[0]] = i
    s.a = tuple(loc0); init_pc = tuple(l[0] for l in loc0)
    nokill = init.get('nokill', ()); limit = init.get('limit', limit)
    t0 = time.time(); k0 = s.key(); seen = {k0: None}; q = deque([(s, k0)]); ntr = 0
    def trace(k, last):
        out = [last]
        while seen[k]: k, lab = seen[k]; out.append(lab)
        return out[::-1]
    try: check(s, C)
    except V as e: return name, 1, 0, 0.0, 'BAD INIT ' + str(e), [], expect, True
    complete = True
    while q:
        s, k = q.popleft(); any_step = False; all_done = True
        for i, (nm, fn, arg) in enumerate(acts):
            l = s.a[i]
            if l[0] in ('done', 'dead', 'stay'): continue
            all_done = False
            try: steps = fn(s, i, C, *arg)
            except V as e:
                return name, len(seen), ntr, time.time() - t0, str(e), trace(k, f'{nm}: (next step from {l[0]}) -> {e}'), expect, True
            for lab, n in steps:
                any_step = True; ntr += 1
                lab = f'{nm}: {lab}'
                succ = [(lab, n)]
                if 'commit' in lab and s.kills and not C['walsync'] and all(m == i or s.a[m][0] in ('done', 'dead', 'stay', init_pc[m]) for m in range(len(acts))):
                    n2 = n.cp(); n2.dur = s.dur; rel_all(n2, i); loc(n2, i, 'dead'); n2.kills -= 1
                    succ.append((lab + ' -- killed before the WAL sync; the next opener recovers the WAL and sees it', n2))
                if 'commit' in lab and s.kills and C['walghost'] and n.rows is not s.rows:
                    n2 = s.cp(); rel_all(n2, i); loc(n2, i, 'dead'); n2.kills -= 1; n2.dead = (n.rows, tuple((q, v) for q, v in sorted(s.gh.items()) if q[:3] == 'ack'))
                    succ.append((lab + ' -- KILLED in commit: WAL written, index not, nobody sees it', n2))
                for lab, n in succ:
                    kk = n.key()
                    if kk in seen: continue
                    try: check(n, C)
                    except V as e: return name, len(seen), ntr, time.time() - t0, str(e), trace(k, lab) + ['=> ' + str(e)], expect, True
                    seen[kk] = (k, lab); q.append((n, kk))
            if s.kills and nm not in nokill and l[0] != init_pc[i] or (s.kills and nm not in nokill and i in s.fl.values()):
                n = s.cp(); rel_all(n, i); loc(n, i, 'dead'); n.kills -= 1; kk = n.key(); ntr += 1
                if kk not in seen:
                    try: check(n, C)
                    except V as e: return name, len(seen), ntr, time.time() - t0, str(e), trace(k, f'{nm}: KILLED') + ['=> ' + str(e)], expect, True
                    seen[kk] = (k, f'{nm}: KILLED'); q.append((n, kk))
        if all_done:
            try: final_gc(s, C)
            except V as e: return name, len(seen), ntr, time.time() - t0, str(e), trace(k, '(all ended, one GC runs)'), expect, True
        elif not any_step:
            return name, len(seen), ntr, time.time() - t0, 'I5 deadlock: ' + ', '.join(f'{acts[i][0]} at {l[0]}' for i, l in enumerate(s.a)), trace(k, '(no step possible)'), expect, True
        if len(seen) > limit or (ntr & 1023) < 3 and time.time() - t0 > secs: complete = False; break
    return name, len(seen), ntr, time.time() - t0, None, [], expect, complete

# ---------------------------------------------------------------- runs
P0 = (1, (), (('P0.0', None),), 'P0', 0)
LIVE = dict(rows={'P': P0}, jr={'P0.0': ('a', 1, True, True)}, word={'P': ('P0.0', 1, 0)}, gh={'ackP': 'a'})   # writer lives, a acknowledged
def W(ops, f='P', opened=('P0.0', 1)): return ('W' if f == 'P' else 'W' + f, 'writer', f, ops, opened)
O = ('Opener', 'writer', 'P', 'c', None)
CR = ('Creator', 'creator', 'P', 'C'); R = ('Reader', 'reader', 'P', 'pin1')
DROP = ('Dropper', 'forcer', 'P', 'drop'); PROM = ('Promoter', 'forcer', 'P', 'promote'); PROM2 = ('Promoter2', 'forcer', 'P', 'promote')
G = ('GC', 'gc'); G2 = ('GC2', 'gc')
# a dead writer's journal: b written but not synced, a acknowledged; the live word survived the process
DEAD = dict(rows={'P': P0}, jr={'P0.0': ('ab', 1, True, True)}, word={'P': ('P0.0', 1, 0)}, gh={'ackP': 'a'})
# after a power loss: a and b acknowledged, `live` on disk is an older one (as written) or read as empty (repaired)
BOOT_STALE = dict(rows={'P': P0}, jr={'P0.0': ('ab', 2, True, True)}, word={'P': ('P0.0', 1, 0)}, gh={'ackP': 'ab'})
BOOT_EMPTY = dict(BOOT_STALE, word={})
# D has a sealed journal; garbage object 'a' (a killed flush left it: linked, not durable) has the bytes that D's flush makes
GARB = dict(rows={'D': (1, (), (('D0.0', 1), ('D0.1', None)), 'D0', 1)}, jr={'D0.0': ('a', 1, True, True)}, word={'D': ('D0.1', 0, 0)},
            objs={'a': False}, gh={'ackD': 'a'})
PUB = ('PubD', 'writer', 'D', 'f', ('D0.1', 0)); RD = ('Reader', 'reader', 'D', 'pin1'); DROPD = ('Dropper', 'forcer', 'D', 'drop')
# parent flushed 'a'; child still has the inherited journal (P0.0, 1)
ADOPT = dict(rows={'P': (3, ('a',), (('P0.1', None),), 'P0', 1), 'C': (1, (), (('P0.0', 1), ('C0.0', None)), 'C0', 0)},
             jr={'P0.0': ('a', 1, True, True)}, objs={'a': True}, word={'P': ('P0.1', 0, 0)}, gh={'ackP': 'a', 'snapC': 'a'})
FLUSHED = dict(rows={'P': (3, ('a',), (('P0.1', None),), 'P0', 1)}, jr={}, objs={'a': True}, word={'P': ('P0.1', 0, 0)}, gh={'ackP': 'a'})
AD = ('Adopter', 'adopter', 'P', 'C')
NEVER = dict(rows={'P': P0}, jr={}, word={}, gh={})
EMPTY = dict(rows={'Q': (1, (), (('Q0.0', None),), 'Q0', 0)}, gh={})

def fixed():
    y = []
    def a(name, init, acts, kills=1, **c): y.append(('fixed ' + name, c, init, acts, kills, None))
    for arm in ('cas', 'txn'):
        a(f'writer*creator ({arm})', LIVE, [W('bFc'), CR], 2, arm=arm)
        a(f'writer*reader ({arm})', LIVE, [W('bFc'), R], 2, arm=arm)
        a(f'writer*promoter ({arm})', LIVE, [W('bFc'), PROM], 2, arm=arm)
        a(f'writer*dropper ({arm})', LIVE, [W('bFc'), DROP], 2, arm=arm)
        a(f'writer*promoter*creator ({arm})', LIVE, [W('bFc'), PROM, CR], 1, arm=arm)
        a(f'writer*promoter*reader ({arm})', LIVE, [W('bF'), PROM, R], 1, arm=arm)
    a('writer*promoter*promoter', LIVE, [W('bFc'), PROM, PROM2], 1)
    a('writer*promoter*dropper', LIVE, [W('bFc'), PROM, DROP], 1)
    a('writer*writer(reopen)*creator', LIVE, [W('bF'), O, CR], 1)
    a('writer*writer(reopen)*promoter, 3 kills', LIVE, [W('bF'), O, PROM, PROM2], 3)
    a('writer*writer(reopen)*promoter', LIVE, [W('bF'), O, PROM], 1)
    a('dead writer: opener*creator*reader', DEAD, [O, CR, R], 1)
    a('dead writer: opener*promoter*creator', DEAD, [O, PROM, CR], 1)
    a('dead writer: opener*dropper*reader', DEAD, [O, DROP, R], 1)
    a('after boot: opener*promoter*creator', BOOT_EMPTY, [O, PROM, CR], 1)
    a('after boot: opener*reader*creator', BOOT_EMPTY, [O, R, CR], 1)
    a('writer flush*GC*dropper', LIVE, [W('bFc'), G, DROP], 1)
    a('writer flush*GC*creator', LIVE, [W('bF'), G, CR], 1)
    a('writer flush*GC*reader', LIVE, [W('F'), G, R], 1)
    a('writer flush*GC*promoter', LIVE, [W('F'), G, PROM], 1)
    a('reviver*GC*GC2', GARB, [PUB, G, G2], 2)
    a('reviver*GC*reader*dropper', GARB, [PUB, G, RD, DROPD], 0)
    a('reviver*GC*reader', GARB, [PUB, G, RD], 1)
    a('reviver*GC*dropper', GARB, [PUB, G, DROPD], 1)
    a('adopter*dropper*GC', ADOPT, [AD, DROP, G], 1)
    a('adopter*dropper*GC*GC2', ADOPT, [AD, DROP, G, G2], 0)
    a('reader*dropper*GC', LIVE, [R, DROP, G], 1)
    a('reader*dropper*GC*GC2', LIVE, [R, DROP, G, G2], 0)
    a('creator*dropper*GC', LIVE, [CR, DROP, G], 1)
    a('file before naming, with the lock: writer*GC', LIVE, [W('Fc'), G], 1, jfile='before')
    a('dead pins swept without the lock (link check on)', LIVE, [R, G, DROP], 1, sweep='free')
    y.append(('fixed fence set before the transaction but re-checked in it: safe to the bound, but writer and forcer can chase each other for ever',
              dict(fence_txn=False, fence_recheck=True), dict(LIVE, limit=300000), [W('bFc'), PROM, PROM2], 1, 'U'))
    a('plain arming after commit is safe once an unfenced mismatch waits', LIVE, [W('bFc'), PROM, CR], 1, arm='plain')
    a('opener arming after its commit is safe once an unfenced mismatch waits', DEAD, [O, PROM, CR], 1, open_arm='plain')
    a('never started journal: opener*promoter*creator', NEVER, [O, PROM, CR], 1)
    a('commit cut short, WAL recovered: GC commits before it deletes', LIVE, [DROP, G, G2], 1, walsync=False)
    a('commit cut short, WAL recovered: opening commits before the first append', NEVER, [CR, ('WC', 'writer', 'C', 'x', None), G], 1, walsync=False)
    a('revived alone (no re-check of new roots): reviver*GC*reader', GARB, [PUB, G, RD], 1, recheck='none')
    a('revived alone: adopter*dropper*GC', ADOPT, [AD, DROP, G], 1, recheck='none')
    a('revived alone: reviver*GC*GC2', GARB, [PUB, G, G2], 2, recheck='none')
    a('re-check of rows and pins alone (no revived): reviver*GC*reader*dropper', GARB, [PUB, G, RD, DROPD], 0, use_rev=False)
    a('re-check of rows and pins alone: reviver*GC*GC2', GARB, [PUB, G, G2], 2, use_rev=False)
    return y

def triples():
    # everything against everything: garbage 'ab' on disk collides with the parent's flush and with the child's flush of what it inherited
    init = dict(LIVE, objs={'ab': False})
    WC = ('WC', 'writer', 'C', 'fx', None)
    acts = [W('bFc'), CR, R, PROM, DROP, G, WC, ('Opener', 'writer', 'P', 'd', None)]
    y = []
    from itertools import combinations
    for k in (2, 3):
        for c in combinations(acts, k):
            names = [x[0] for x in c]
            if 'WC' in names and 'Creator' not in names: continue
            y.append((f"triple {'*'.join(names)}", {}, init, list(c), 1, None))
    for c in combinations(acts, 4):
        names = [x[0] for x in c]
        if 'WC' in names and 'Creator' not in names: continue
        y.append((f"triple (quad) {'*'.join(names)}", {}, init, list(c), 1, None))
    for c in combinations(acts, 3):
        names = [x[0] for x in c]
        if 'WC' in names and 'Creator' not in names or not {'GC', 'Promoter', 'Opener'} & set(names): continue
        y.append((f"triple (2 kills) {'*'.join(names)}", {}, init, list(c), 2, None))
    y.append(('triple W*Creator*WC*GC, no kill', {}, init, [W('bF'), CR, WC, G], 0, None))
    y.append(('triple W*Creator*Dropper*GC, no kill', {}, init, [W('bF'), CR, DROP, G], 0, None))
    y.append(('triple W*Reader*Dropper*GC, no kill', {}, init, [W('F'), R, DROP, G], 0, None))
    y.append(('triple Creator*WC*Dropper*GC, no kill', {}, dict(DEAD, objs={'ab': False}), [CR, WC, DROP, G], 0, None))
    y.append(('triple W*Promoter*Promoter2*Creator, no kill', {}, init, [W('bFc'), PROM, PROM2, CR], 0, None))
    return y

def holes():
    y = []
    def a(name, init, acts, kills=0, **c): y.append(('hole ' + name, c, init, acts, kills, 'V'))
    a('H1a word without journal, armed after rotation commit: creator', LIVE, [W('bFc'), CR], 0, word_id=False, arm='cas')
    a('H1b word without journal, armed inside the rotation: reader', LIVE, [W('F'), R], 0, word_id=False, arm='txn')
    a('H1c word without journal, armed inside the rotation, kill: creator', LIVE, [W('F'), CR], 1, word_id=False, arm='txn')
    a('H1d word without journal, after a forced operation: creator', LIVE, [W('b'), PROM, CR], 0, word_id=False, arm='txn')
    a('H1e word without journal: two forced operations', LIVE, [W('_'), PROM, PROM2], 0, word_id=False, arm='txn')
    a('H1f word without journal, zeroed by the forced operation: kill, then creator', LIVE, [W('_'), PROM, CR], 1, word_id=False, arm='txn', fence_reset=True)
    a('H2a rotation re-arms by a plain store, no wait on mismatch: fence lost, promoter', LIVE, [W('Fc'), PROM], 0, arm='plain', slot_wait=False)
    a('H2b opener arms after its commit, no wait on mismatch: fence lost, dropper', LIVE, [O, DROP], 0, open_arm='plain', slot_wait=False)
    a('H2c opener arms after its commit, word without journal: fence lost, promoter', LIVE, [O, PROM], 0, open_arm='plain', word_id=False)
    a('H3a fence set before the transaction, its end trusted', LIVE, [W('b'), PROM], 0, fence_txn=False)
    a('H3b writer re-reads without a transaction', LIVE, [W('b'), PROM, PROM2], 1, unfence='read')
    a('H4 reader: row, then word, not re-checked (word names journal)', LIVE, [W('bF'), R], 0, rd_recheck=False, slot_wait=False)
    a('H4b reader: row, then word, not re-checked (as written)', LIVE, [W('bFc'), R], 0, rd_recheck=False, word_id=False)
    a('H5a live is stale after power loss: forced operation while an opener recovers', BOOT_STALE, [O, PROM], 0)
    a('H5b live is stale after power loss: creator while an opener recovers', BOOT_STALE, [O, CR], 0)
    a('H5c no slot yet read as 0: forced operation while an opener recovers', BOOT_EMPTY, [O, PROM], 0, slot_wait=False)
    a('H6a revived is never emptied', GARB, [PUB, DROPD], 0, clear='never')
    a('H6b revived is emptied at the end of GC', GARB, [PUB, DROPD], 0, clear='end')
    a('H7a two GCs, no GC lock: healthy store reported damaged', FLUSHED, [DROP, G, G2], 0, gclock=False)
    a('H7b two GCs, no GC lock, revived emptied by the other (no re-check)', GARB, [PUB, G, G2], 0, gclock=False, recheck='none')
    a('H7c two GCs, no GC lock, re-check of rows only, reader', GARB, [PUB, G, G2, RD, DROPD], 0, gclock=False, recheck='rows')
    a('H8 adopted segments read before the publish lock', ADOPT, [AD, DROP, G], 0, adopt_locked=False)
    a('H9a WAL recovered, not synced: first append to a fork whose commit was cut short', EMPTY | dict(rows={'P': P0}, jr={}, word={}, gh={}), [CR, ('WC', 'writer', 'C', 'x', None)], 1, walsync=False, name_reuse=True)
    a('H9b WAL recovered, not synced: GC after a drop cut short', LIVE, [DROP, G], 1, walsync=False, batch_commit=False)
    a('H11a fence cleared by a transaction that commits nothing: promote cut short comes back', LIVE, [W('b'), PROM], 1, unfence='txn')
    a('H11b GC deletes on a read-only snapshot: flush cut short comes back', LIVE, [W('F'), G], 1, batch_commit=False)
    a('H11d only GC\'s snapshot commits, not its batches: flush cut short after the snapshot comes back', GARB, [PUB, G], 1, batch_commit=False, gc_sync=True)
    a('H11c opening for append commits nothing: promote cut short comes back', NEVER, [PROM, O], 1, name_reuse=True)
    X1 = ('Reader1', 'opener_reader_recovery', 'P'); X2 = ('Reader2', 'opener_reader_recovery', 'P')
    a('H10 recovery inside pin taking (rule 3 inside rule 10) against the turnstile', DEAD, [X1, G], 0)
    return y

def mutants():
    y = []
    def a(name, init, acts, kills=0, exp='V', **c): y.append(('mutant ' + name, c, init, acts, kills, exp))
    a('rule 8 publish lock after the existence check', GARB, [PUB, G], 0, pub_first=False)
    a('rule 9 no revived, re-check of rows only', GARB, [PUB, G, RD, DROPD], 0, use_rev=False, recheck='rows')
    a('rule 9 no revived, no re-check', GARB, [PUB, G], 0, use_rev=False, recheck='none')
    a('rule 9 list after the snapshot, no re-check', LIVE, [W('F'), G], 0, list_first=False, recheck='none')
    a('rule 9 reuse without sync', GARB, [PUB], 0, sync_reuse=False)
    a('rule 9 batch without the exclusive lock', GARB, [PUB, G], 0, batch_lock=False)
    a('rule 10 no link check, dead pins swept without the lock', LIVE, [R, G, ('GC2', 'gc'), DROP], 0, link_check=False, sweep='free')
    a('rule 10 pins read before GC has the lock, no re-check', LIVE, [R, DROP, G], 0, pins_at='before', recheck='none')
    a('rule 10 pins read before GC has the lock: masked where the re-check counts pins', LIVE, [R, DROP, G], 0, exp=None, pins_at='before')
    a('rule 10 no link check: masked where dead pins are swept under the exclusive lock', LIVE, [R, G, G2, DROP], 0, exp=None, link_check=False)
    a('rule 3 creator recovers, releases the lock, then creates: never ends', dict(DEAD, limit=20000), [CR], 0, exp='U', keep_lock=False)
    a('rule 10 catalog read before the pin is made', LIVE, [W('_'), R, DROP, G], 0, pin_first=True)
    a('rule 10 pin without the publish lock', LIVE, [R, DROP, G], 0, pin_pub=False)
    a('rule 6 word read outside the transaction', LIVE, [W('bF'), CR], 0, word_in_txn=False)
    a('rule 6 flush not conditional on the generation', LIVE, [W('bF'), PROM, G], 0, gen=False)
    a('rule 6 commit before object sync', LIVE, [W('F')], 0, sync_obj=False)
    a('rule 2 word advanced before the sync', LIVE, [W('b'), CR], 0, sync_first=False)
    a('rule 3 recovery without sync', DEAD, [O], 0, rec_sync=False)
    a('rule 8 journal file before naming, no publish lock', LIVE, [W('Fc'), G], 0, rot_lock=False, jfile='before')
    a('rule 13 synchronous NORMAL', LIVE, [DROP, G], 0, full=False, batch_commit=False)
    return y

def show(r, verbose=False):
    name, st, tr, t, v, trc, exp, complete = r
    ok = (v is None and complete) if exp is None else (v is None and not complete) if exp == 'U' else v is not None
    print(f"{'ok  ' if ok else 'FAIL'} {name}: {st} states, {tr} transitions, {t:.1f} s: " + (v or ('no violation' if complete else 'no violation, stopped at the bound')), flush=True)
    if (not ok or verbose or name.startswith('hole')) and trc:
        for i, l in enumerate(trc): print(f'        {i+1:2d} {l}')
    return ok, st

def main(argv):
    v = '-v' in argv; arg = [x for x in argv if x != '-v']
    sets = dict(fixed=fixed, triples=triples, holes=holes, mutants=mutants); todo = []
    if not arg: arg = ['holes', 'mutants', 'fixed', 'triples']
    for x in arg:
        if x in sets: todo += sets[x]()
        else: todo += [r for k in sets.values() for r in k() if r[0].startswith(x) or x in r[0]]
    bad = tot = 0
    with Pool(2, maxtasksperchild=1) as p:
        for r in p.imap(run, todo): 
            ok, st = show(r, v); bad += not ok; tot += st
    print(f'{len(todo)} runs, {tot} states explored, {bad} not as expected')
    return 1 if bad else 0

if __name__ == '__main__': sys.exit(main(sys.argv[1:]))
