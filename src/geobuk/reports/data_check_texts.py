"""What the report on stored history says, in English and Korean: code -> (English, Korean)."""

from geobuk.reports.texts import Text

CHECK_PAGE: dict[str, Text] = {
    "data_check": ("Data quality report", "데이터 품질 보고서"),
    "summary": (
        "{series} series with {rows} rows: {clean} clean, {masked} with masked bars, {quarantined} quarantined.",
        "시계열 {series}개, {rows}행: 이상 없음 {clean}개, 제외된 봉이 있음 {masked}개, 격리됨 {quarantined}개.",
    ),
    "rule": (
        "Nothing was changed. Masked bars never trade; quarantined series are read by nobody.",
        "아무것도 고치지 않았습니다. 제외된 봉은 거래하지 않으며, 격리된 시계열은 읽지 않습니다.",
    ),
    "quarantined_title": ("Quarantined: not used", "격리됨: 사용하지 않음"),
    "and_more": ("and {count} more", "외 {count}건"),
    "tile_series": ("Series", "시계열"),
    "tile_clean": ("Clean", "이상 없음"),
    "tile_masked": ("With masked bars", "제외된 봉이 있음"),
    "tile_quarantined": ("Quarantined", "격리됨"),
    "rows": ("{rows} rows", "{rows}행"),
    "masked_rows": ("{rows} rows masked ({share})", "{rows}행 제외({share})"),
    "kinds_of": ("{codes} kinds of findings", "발견 {codes}종"),
    "intact": ("every file as it was written", "모든 파일이 저장된 그대로"),
    "not_intact": ("{count} with damaged files", "손상된 파일이 있는 시계열 {count}개"),
    "section_map": ("What is lost, month by month", "달마다 잃은 봉"),
    "map_hint": (
        "Share of the bars of a month that are missing or masked. Click a name to see its prices below.",
        "그달의 봉 가운데 빠졌거나 제외된 비율입니다. 이름을 누르면 아래에 가격이 나옵니다.",
    ),
    "map_cut": (
        "The {shown} series that lost most are shown; the other {others} lost {most} of a month at most.",
        "가장 많이 잃은 {shown}개만 보입니다. 나머지 {others}개는 한 달에 최대 {most}를 잃었습니다.",
    ),
    "section_prices": ("Prices of the series with most to show", "문제가 많은 시계열의 가격"),
    "prices_hint": (
        "Yellow: masked bars. Red: missing bars. Dots: places that findings name. Drag the ends of the slider to zoom.",
        "노랑: 제외된 봉. 빨강: 빠진 봉. 점: 발견된 곳. 아래 막대의 양 끝을 끌면 확대됩니다.",
    ),
    "thinned": (
        "The line is thinned to the lowest and highest of each stretch.",
        "선은 구간마다 최저와 최고만 남겼습니다.",
    ),
    "section_codes": ("Codes", "코드"),
    "codes_hint": (
        "Every kind of finding in this report; thresholds are in docs/data-quality.md.",
        "이 보고서에 나온 발견의 종류입니다. 기준값은 docs/data-quality.md에 있습니다.",
    ),
    "section_findings": ("Findings", "발견"),
    "findings_hint": (
        "Gravest first, with the first few places of each.",
        "심각한 것부터, 처음 몇 곳과 함께 나옵니다.",
    ),
    "section_infos": ("For information ({count})", "참고({count})"),
    "findings_cut": (
        "{count} further findings are left out here; geobuk data check --json has them all.",
        "{count}건은 생략했습니다. 전부 보려면 geobuk data check --json을 쓰십시오.",
    ),
    "none_found": ("Nothing was found.", "발견된 것이 없습니다."),
    "severity": ("Severity", "심각도"),
    "consequence": ("Consequence", "결과"),
    "meaning": ("Meaning", "뜻"),
    "count": ("Rows", "행"),
    "what": ("What was found", "내용"),
    "where": ("Where", "위치"),
    "info": ("info", "참고"),
    "warning": ("warning", "주의"),
    "error": ("error", "오류"),
    "pass": ("pass", "통과"),
    "mask": ("mask", "제외"),
    "quarantine": ("quarantine", "격리"),
    "charts_need_script": ("The charts need JavaScript.", "차트를 보려면 자바스크립트가 필요합니다."),
    "made_at": ("Checked at {at} UTC", "검사 시각 {at} UTC"),
}

CHECK_CHARTS: dict[str, Text] = {
    "page_title": ("Geobuk data check", "거북 데이터 검사"),
    "price": ("price", "가격"),
}
