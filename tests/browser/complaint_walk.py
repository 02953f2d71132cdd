"""What a desk does with a complaint on its pages, act by act."""

from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from zhike.core import clock

GUIDE = "#cp-guide"


def _dialog(page: Page, link: Locator) -> Locator:
    link.first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("form")).to_be_visible()
    return dialog


def _finish(page: Page, dialog: Locator) -> None:
    dialog.locator(".btn-primary").first.click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def first_three(page: Page, words: str) -> None:
    dialog = _dialog(page, page.locator(f"{GUIDE} a[href$='/first-call/']"))
    dialog.locator("[name=words]").fill(words)
    dialog.locator("[name=wish]").fill("退款")
    dialog.locator("[name=apology]").fill("给您添麻烦了，实在抱歉。")
    dialog.locator("[name=told][value=phone]").check()
    dialog.locator("[name=facts]").fill("退款单漏了审批")
    dialog.locator("[name=safety][value=no]").check()
    dialog.locator("[name=severity][value='2']").check()
    _finish(page, dialog)
    expect(page.locator(f"{GUIDE} [aria-current=step]")).to_contain_text("提出方案")


def propose(page: Page) -> None:
    dialog = _dialog(page, page.locator(f"{GUIDE} a[href$='/step/4/']"))
    dialog.locator("[name=verdict][value=founded]").check()
    dialog.locator("[name=solution]").fill("今天补打退款，财务每天核对一次。")
    dialog.locator("[name=told][value=phone]").check()
    _finish(page, dialog)
    expect(page.locator(f"{GUIDE} [aria-current=step]")).to_contain_text("达成一致")


def agree(page: Page) -> None:
    dialog = _dialog(page, page.locator(f"{GUIDE} a[href$='/step/5/']"))
    dialog.locator("[name=consent][value=agreed]").check()
    dialog.locator("[name=customer_says]").fill("行，今天到账就行。")
    dialog.locator("[name=learned]").fill("退款单每天 17:00 核对一次。")
    dialog.locator("[name=thanked]").check()
    _finish(page, dialog)
    expect(page.locator(f"{GUIDE} [aria-current=step]")).to_contain_text("跟进")


def send_notice(page: Page, person: str) -> None:
    dialog = _dialog(page, page.locator(".dk-acts a[href*='/notices/send/']"))
    option = dialog.locator("[name=person] option", has_text=person).first.get_attribute("value")
    dialog.locator("[name=person]").select_option(option)
    dialog.locator("[name=text]").fill("客户两周没收到退款，请查原因，给出整改措施。")
    _finish(page, dialog)
    expect(page.locator("#dk-head")).to_contain_text("待责任部门")


def open_notice(page: Page) -> str:
    """The address of the notice of this case that waits for its answer."""
    waiting = page.locator(".dk-panels li", has_text="待答复").locator("a[href^='/notices/TZ']")
    expect(waiting.first).to_be_visible()
    return str(waiting.first.get_attribute("href"))


def answer_notice(page: Page, url: str, address: str, says: str = "请查原因") -> None:
    """The department answers on its own short page."""
    page.goto(f"{url}{address}")
    expect(page.locator("main")).to_contain_text(says)
    page.locator("[name=cause]").select_option(index=1)
    page.locator("[name=cause_text]").fill("审批人休假，没有代理人")
    page.locator("[name=action]").fill("设代理审批人，每天核对退款单")
    page.locator("[name=responsible]").fill("周敏")
    day = clock.today() + timedelta(days=5)
    page.locator("[name=action_due]").fill(f"{day:%Y-%m-%d}")
    page.locator("form[action$='/answer/'] .btn-primary").click()
    expect(page.locator("main")).to_contain_text("已答复")


def offer_above_limit(page: Page) -> None:
    dialog = _dialog(page, page.locator(".dk-acts a[href*='/remedies/propose/']"))
    dialog.locator("[name=kind]").select_option("compensation")
    dialog.locator("[name=text]").fill("补偿来回折腾的误工")
    dialog.locator("[name=amount]").fill("300")
    dialog.locator("[name=why]").fill("误工两天，客户是老顾客")
    _finish(page, dialog)
    expect(page.locator("#dk-head")).to_contain_text("待审批")


def approve(page: Page, url: str, number: str) -> None:
    page.goto(f"{url}/approvals/")
    page.locator("tr", has_text=number).locator("a[href^='/approvals/']").first.click()
    decision = page.locator("dialog[open], main").last
    decision.locator("button[name=decision][value=grant]").click()
    page.wait_for_load_state()


def carry_out(page: Page) -> None:
    dialog = _dialog(page, page.locator(".dk-panels a[href$='/carry-out/']"))
    dialog.locator("[name=proof]").fill("转账单 20261122-01")
    _finish(page, dialog)
    expect(page.locator(".dk-tl")).to_contain_text("20261122-01")


def close(page: Page) -> None:
    page.locator("a[href$='/do/close/']").click()
    closing = page.locator("dialog[open]")
    closing.locator("[name=text]").fill("退款和补偿都已到账。")
    closing.locator(".btn-primary").click()
    expect(page.locator("#dk-head .zk-badge", has_text="已结案")).to_be_visible()


def open_visit(page: Page) -> None:
    page.locator(".dk-panels a[href^='/follow-ups/']").first.click()
    page.wait_for_url("**/follow-ups/*/")


def not_content(page: Page, person: str) -> None:
    page.locator("[name=words]").fill("退款到了，补偿没到。")
    page.locator("[name=result][value=not_content]").check()
    form = page.locator("form[action$='/result/']")
    option = form.locator("[name=person] option", has_text=person).first.get_attribute("value")
    form.locator("[name=person]").select_option(option)
    form.locator("button.btn-primary").click()
    page.wait_for_load_state()


def content(page: Page) -> None:
    page.locator("[name=words]").fill("都到了，谢谢你们盯着。")
    page.locator("[name=result][value=content]").check()
    page.locator("form[action$='/result/'] button.btn-primary").click()
    page.wait_for_load_state()
