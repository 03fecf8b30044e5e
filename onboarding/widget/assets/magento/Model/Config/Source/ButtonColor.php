<?php
declare(strict_types=1);

namespace Kleep\SizeButton\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * The two colours of Kleep's button.
 */
class ButtonColor implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray(): array
    {
        return [
            ['value' => 'Black', 'label' => __('Black')],
            ['value' => 'White', 'label' => __('White')],
        ];
    }
}
