// SPDX-License-Identifier: Apache-2.0
import ForkTesting
import SegmentStore
import Testing

@Suite struct ClockTests {
    @Test func `the boot id is one and the clocks go forward`() throws {
        let time = SystemTime()
        let boot = try time.boot()
        #expect(try time.boot() == boot)
        #expect(boot.high != 0)
        let before = time.sinceBoot()
        time.sleep(nanoseconds: 1_000_000)
        #expect(time.sinceBoot() - before >= 1_000_000)
        #expect(time.now().rawValue > 1_700_000_000_000_000_000)
    }

    @Test func `a boot id is read from its text and from nothing else`() {
        let text = "0123abcd-4567-89EF-0011-223344556677\n"
        let expected = BootID(high: 0x0123_abcd_4567_89ef, low: 0x0011_2233_4455_6677)
        #expect(BootID(uuid: text.utf8) == expected)
        #expect(BootID(uuid: text.utf8.dropLast(3)) == nil)
        #expect(BootID(uuid: "x".utf8) == nil)
        #expect(BootID(uuid: (text + "0").utf8) == nil)
        #expect(BootID(uuid: "".utf8) == nil)
    }

    @Test func `a wall clock drifts, and both clocks count a suspended machine's time`() {
        let time = SimulatedTime(now: Timestamp(nanoseconds: 0))
        let before = time.sinceBoot()
        time.drift(partsPerThousand: -50)
        time.step(nanoseconds: 1_000_000)
        #expect(time.now().rawValue == 950_000)
        #expect(time.sinceBoot() == before + 1_000_000)
        time.suspend(nanoseconds: 1_000)
        #expect(time.now().rawValue == 951_000)
        #expect(time.sinceBoot() == before + 1_001_000)
        time.setWall(Timestamp(rawValue: .max - 5))
        time.step(nanoseconds: 1_000_000)
        #expect(time.now().rawValue == .max)
    }

    @Test func `entropy differs from call to call`() throws {
        let source = SystemEntropy()
        let first = try source.number()
        #expect(try source.number() != first)
    }
}
