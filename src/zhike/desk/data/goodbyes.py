"""Words that end a talk."""

# What people say to end a talk. Longest first, so that a shorter one does not break a longer one up.
GOODBYES = (
    "thank you very much", "thank you", "thanks", "goodbye", "bye", "okay", "ok",
    "非常感谢", "辛苦了", "麻烦了", "知道了", "明白了", "收到了", "没事了", "不用了", "好了", "谢谢",
    "多谢", "感谢", "收到", "明白", "好的", "好吧", "再见", "拜拜", "辛苦", "您们", "你们", "您", "你",
    "好", "嗯", "哦", "啊", "了", "哈",
)  # fmt: skip
